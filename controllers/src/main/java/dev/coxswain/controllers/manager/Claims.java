package dev.coxswain.controllers.manager;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.runtime.client.Patch;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Whose object it is: a workload keeps what it controls and selects, adopts what it selects and
 * nobody controls, and lets go what it controls but no longer selects.
 */
public final class Claims {
  private Claims() {}

  /** The objects of a kind that are the owner's after adopting and letting go. */
  public static <S extends HasMetadata> List<S> claim(
      Class<S> type, HasMetadata owner, LabelSelector selector, View view, Actions act) {
    return claim(type, owner, selector, object -> true, view, act);
  }

  /**
   * The objects of a kind that are the owner's after adopting and letting go.
   *
   * @param adoptable what beside the labels decides whether an orphan may be adopted
   */
  public static <S extends HasMetadata> List<S> claim(
      Class<S> type,
      HasMetadata owner,
      LabelSelector selector,
      Predicate<S> adoptable,
      View view,
      Actions act) {
    var claimed = new ArrayList<S>();
    boolean going = Meta.deleting(owner);
    for (S object : view.controlledBy(type, Meta.uid(owner))) {
      if (!Meta.namespace(object).equals(Meta.namespace(owner))) {
        continue;
      }
      if (selector.matches(Meta.labels(object))) {
        claimed.add(object);
      } else if (!going) {
        release(object, owner, act);
      }
    }
    if (going) {
      return claimed;
    }
    boolean mayAdopt = false;
    for (S object : view.orphans(type, Meta.namespace(owner))) {
      if (!Meta.deleting(object)
          && selector.matches(Meta.labels(object))
          && adoptable.test(object)) {
        // Read past the cache, once: a deleted owner must not adopt what a successor will claim.
        mayAdopt = mayAdopt || stillThere(owner, act);
        if (!mayAdopt) {
          break;
        }
        claimed.add(adopt(object, owner, act));
      }
    }
    return claimed;
  }

  private static boolean stillThere(HasMetadata owner, Actions act) {
    return act.live(PendingWrites.typeOf(owner), Meta.key(owner))
        .filter(live -> Meta.uid(live).equals(Meta.uid(owner)) && !Meta.deleting(live))
        .isPresent();
  }

  private static <S extends HasMetadata> S adopt(S object, HasMetadata owner, Actions act) {
    List<OwnerReference> owners =
        Stream.concat(Owners.of(object).stream(), Stream.of(Owners.controllerReference(owner)))
            .toList();
    return act.patch(object, ownersPatch(object, owners));
  }

  private static <S extends HasMetadata> void release(S object, HasMetadata owner, Actions act) {
    List<OwnerReference> others =
        Owners.of(object).stream()
            .filter(reference -> !reference.getUid().equals(Meta.uid(owner)))
            .toList();
    try {
      act.patch(object, ownersPatch(object, others));
    } catch (ApiException refused) {
      if (!refused.is(StatusReason.NOT_FOUND)) {
        throw refused;
      }
    }
  }

  /** Replaces the owners of this very version: two who adopt at once must not both succeed. */
  private static Patch ownersPatch(HasMetadata object, List<OwnerReference> owners) {
    var patch = Json.object();
    var metadata = patch.putObject("metadata");
    metadata.put("uid", Meta.uid(object));
    metadata.put("resourceVersion", object.getMetadata().getResourceVersion());
    metadata.set("ownerReferences", Json.mapper().valueToTree(owners));
    return new Patch.Merge(patch.toString());
  }
}
