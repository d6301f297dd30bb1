package dev.coxswain.controllers.statefulset;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Change;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.runtime.client.Patch;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The claims of a StatefulSet's places as they are stored: made, kept in step, and dropped. */
final class SlotClaims {
  private SlotClaims() {}

  /**
   * Makes the claims that a place lacks, before its pod is made.
   *
   * @throws ApiException where one is still going: a pod must not be made to wait for what is lost
   */
  static void provide(StatefulSet set, int slot, View view, Actions act) {
    for (PersistentVolumeClaim claim : Slots.claims(set, slot)) {
      Optional<PersistentVolumeClaim> stored = stored(claim, view);
      if (stored.filter(Meta::deleting).isPresent()) {
        throw new ApiException(
            StatusReason.CONFLICT, "pvc " + Meta.name(claim) + " is being deleted");
      }
      if (stored.isEmpty()) {
        create(set, slot, claim, act);
      }
    }
  }

  /** Makes the claims that were deleted while the place's pod still waits for them. */
  static void replace(StatefulSet set, int slot, View view, Actions act) {
    for (PersistentVolumeClaim claim : Slots.claims(set, slot)) {
      if (stored(claim, view).isEmpty()) {
        create(set, slot, claim, act);
      }
    }
  }

  private static void create(StatefulSet set, int slot, PersistentVolumeClaim claim, Actions act) {
    try {
      act.create(claim);
    } catch (ApiException refused) {
      if (!refused.is(StatusReason.ALREADY_EXISTS)) {
        act.warning(
            set,
            "FailedCreate",
            "create Claim %s for Pod %s in StatefulSet %s failed error: %s"
                .formatted(
                    Meta.name(claim),
                    Slots.podName(set, slot),
                    Meta.name(set),
                    refused.getMessage()));
      }
      throw refused;
    }
    act.normal(
        set,
        "SuccessfulCreate",
        "create Claim %s Pod %s in StatefulSet %s success"
            .formatted(Meta.name(claim), Slots.podName(set, slot), Meta.name(set)));
  }

  /**
   * Has the set own the claims of a place exactly if they are to go with it. What the set says of
   * this may change while the claims are there. A claim that somebody else controls is theirs.
   */
  static void keepOwner(StatefulSet set, int slot, View view, Actions act) {
    for (PersistentVolumeClaim claim : Slots.claims(set, slot)) {
      stored(claim, view)
          .filter(found -> !Meta.deleting(found))
          .ifPresent(found -> keepOwner(set, slot, found, act));
    }
  }

  private static void keepOwner(
      StatefulSet set, int slot, PersistentVolumeClaim claim, Actions act) {
    List<OwnerReference> others =
        Owners.of(claim).stream().filter(owner -> !ours(set, slot, owner)).toList();
    boolean owned = goesWithSet(set) && others.stream().noneMatch(SlotClaims::controls);
    List<OwnerReference> owners =
        owned
            ? Stream.concat(others.stream(), Stream.of(Owners.controllerReference(set))).toList()
            : others;
    boolean same =
        owned
            ? Owners.controls(set, claim) && Owners.of(claim).size() == owners.size()
            : Owners.of(claim).size() == owners.size();
    if (!same) {
      var patch = Json.object();
      patch
          .putObject("metadata")
          .put("uid", Meta.uid(claim))
          .put("resourceVersion", claim.getMetadata().getResourceVersion())
          .set("ownerReferences", Json.mapper().valueToTree(owners));
      act.patch(claim, new Patch.Merge(patch.toString()));
    }
  }

  /** Deletes the claims of a place that is given up, if the set says so. */
  static void drop(StatefulSet set, int slot, View view, Actions act) {
    if (!Slots.policy(set, false).equals("Delete")) {
      return;
    }
    for (PersistentVolumeClaim claim : Slots.claims(set, slot)) {
      stored(claim, view)
          .filter(found -> !Meta.deleting(found))
          .filter(found ->
              Owners.of(found).stream()
                  .noneMatch(owner -> controls(owner) && !ours(set, slot, owner)))
          .ifPresent(act::delete);
    }
  }

  /** The sets that have lost a claim: a pod of theirs may wait for it in vain. */
  static Collection<ObjectKey> losers(Change<PersistentVolumeClaim> change, View view) {
    if (change.after() != null) {
      return List.of();
    }
    String name = Meta.name(change.latest());
    return view.in(StatefulSet.class, Meta.namespace(change.latest())).stream()
        .filter(set ->
            Meta.list(set.getSpec().getVolumeClaimTemplates()).stream()
                .anyMatch(
                    template -> name.startsWith(Meta.name(template) + "-" + Meta.name(set) + "-")))
        .map(Meta::key)
        .toList();
  }

  private static boolean goesWithSet(StatefulSet set) {
    return Slots.policy(set, true).equals("Delete");
  }

  private static boolean controls(OwnerReference owner) {
    return Boolean.TRUE.equals(owner.getController());
  }

  /** Whether the owner is the set or the place's pod, be it an earlier one of the same name. */
  private static boolean ours(StatefulSet set, int slot, OwnerReference owner) {
    return names(owner, "apps/v1", "StatefulSet", Meta.name(set))
        || names(owner, "v1", "Pod", Slots.podName(set, slot));
  }

  private static boolean names(OwnerReference owner, String apiVersion, String kind, String name) {
    return apiVersion.equals(owner.getApiVersion())
        && kind.equals(owner.getKind())
        && name.equals(owner.getName());
  }

  private static Optional<PersistentVolumeClaim> stored(PersistentVolumeClaim claim, View view) {
    return view.find(PersistentVolumeClaim.class, Meta.key(claim));
  }
}
