package dev.coxswain.controllers.volume;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Change;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatus;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Gives each claim a volume: the one that it names, one that is kept for it, the smallest that
 * suits, or a new one. The volume is written first, so that two claims never share one.
 */
public final class ClaimBinder implements Reconciler<PersistentVolumeClaim> {

  @Override
  public String name() {
    return "persistentvolume-binder-controller";
  }

  @Override
  public Watches<PersistentVolumeClaim> watches() {
    // One at a time: two claims that look for a volume at once would often choose the same.
    return Watches.of(PersistentVolumeClaim.class)
        .on(PersistentVolume.class, ClaimBinder::claims)
        .on(
            StorageClass.class,
            (change, view) -> waiting(view).filter(claim -> !bound(claim)).map(Meta::key).toList())
        .on(Pod.class, ClaimBinder::scheduled)
        .index(Pod.class, Volumes.CLAIM_INDEX, Volumes::claims)
        .workers(1);
  }

  @Override
  public Outcome reconcile(PersistentVolumeClaim wanted, View view, Actions act) {
    if (Meta.deleting(wanted)) {
      return Outcome.done();
    }
    String name = Meta.text(wanted.getSpec().getVolumeName());
    if (name.isEmpty()) {
      seek(wanted, view, act);
      return Outcome.done();
    }
    Optional<PersistentVolume> volume = view.find(PersistentVolume.class, ObjectKey.cluster(name));
    if (volume.isEmpty()) {
      if (Volumes.annotated(wanted, Volumes.BIND_COMPLETED)
          && act.live(PersistentVolume.class, ObjectKey.cluster(name)).isEmpty()) {
        lose(
            wanted,
            "ClaimLost",
            "Bound claim has lost its PersistentVolume. Data on the volume is lost!",
            act);
      } else {
        setPhase(wanted, "Pending", act);
      }
    } else if (volume.get().getSpec().getClaimRef() == null) {
      take(wanted, volume.get(), act);
    } else if (Volumes.reservedFor(volume.get(), wanted)) {
      bind(wanted, volume.get(), act);
    } else if (Volumes.annotated(wanted, Volumes.BIND_COMPLETED)) {
      lose(
          wanted,
          "ClaimMisbound",
          "Two claims are bound to the same volume, this one is bound incorrectly",
          act);
    } else {
      act.warning(
          wanted, "FailedBinding", "volume \"" + name + "\" already bound to a different claim.");
      setPhase(wanted, "Pending", act);
    }
    return Outcome.done();
  }

  /** Binds the free volume that the claim names, if it would do. */
  private static void take(PersistentVolumeClaim claim, PersistentVolume volume, Actions act) {
    Optional<String> mismatch =
        Volumes.annotated(claim, Volumes.BIND_COMPLETED)
            ? Optional.empty()
            : Volumes.mismatch(volume, claim);
    if (mismatch.isEmpty()) {
      bind(claim, volume, act);
      return;
    }
    act.warning(
        claim,
        "VolumeMismatch",
        "Cannot bind to requested volume \"" + Meta.name(volume) + "\": " + mismatch.get());
    setPhase(claim, "Pending", act);
  }

  /** Finds a volume for a claim that names none. */
  private static void seek(PersistentVolumeClaim claim, View view, Actions act) {
    Collection<PersistentVolume> all = view.all(PersistentVolume.class);
    Optional<PersistentVolume> reserved =
        all.stream()
            .filter(volume -> Volumes.reservedFor(volume, claim))
            .filter(volume -> Volumes.reservedBySystem(volume) || Volumes.holds(volume, claim))
            .findFirst();
    if (reserved.isPresent()) {
      bind(claim, reserved.get(), act);
      return;
    }
    Optional<StorageClass> storageClass =
        view.find(StorageClass.class, ObjectKey.cluster(Volumes.className(claim)));
    boolean waits =
        storageClass
            .filter(found -> "WaitForFirstConsumer".equals(found.getVolumeBindingMode()))
            .isPresent();
    Optional<String> node = node(claim, view);
    if (waits && node.isEmpty()) {
      tellWaiting(claim, view, act);
      setPhase(claim, "Pending", act);
      return;
    }
    Optional<PersistentVolume> found =
        all.stream()
            .filter(volume -> volume.getSpec().getClaimRef() == null)
            .filter(volume -> Volumes.suits(volume, claim))
            .filter(volume -> !waits || NodeLocal.reachable(volume, node.get(), view))
            .min(
                // What can do more than was asked for is left to those who need it. A volume for a
                // pod's node is the smallest there: so the scheduler counts.
                Comparator.comparingLong((PersistentVolume volume) -> waits ? 0 : modes(volume))
                    .thenComparing(volume -> Volumes.size(volume.getSpec().getCapacity()))
                    .thenComparing(Meta::name));
    if (found.isPresent()) {
      bind(claim, found.get(), act);
    } else if (storageClass.isPresent()) {
      provision(claim, storageClass.get(), node, act);
    } else {
      lackClass(claim, view, act);
    }
  }

  private static long modes(PersistentVolume volume) {
    return Meta.list(volume.getSpec().getAccessModes()).stream().distinct().count();
  }

  /** Says for whom the claim waits: for any pod, or for those that have no node yet. */
  private static void tellWaiting(PersistentVolumeClaim claim, View view, Actions act) {
    List<String> pods =
        view.by(Pod.class, Volumes.CLAIM_INDEX, Meta.key(claim).toString()).stream()
            .filter(pod -> Pods.node(pod).isEmpty())
            .map(Meta::name)
            .sorted()
            .toList();
    if (pods.isEmpty()) {
      act.normal(
          claim, "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
    } else {
      act.normal(
          claim,
          "WaitForPodScheduled",
          "waiting for pod%s %s to be scheduled"
              .formatted(pods.size() > 1 ? "s" : "", String.join(",", pods)));
    }
  }

  /**
   * A claim that says nothing of a class gets the default one, as it would have had there been one
   * when it was made. One that wants none waits for a volume, and one that wants another for that.
   */
  private static void lackClass(PersistentVolumeClaim claim, View view, Actions act) {
    boolean silent =
        claim.getSpec().getStorageClassName() == null
            && !Volumes.annotated(claim, Volumes.OLD_CLASS);
    Optional<StorageClass> usual = silent ? Volumes.defaultClass(view) : Optional.empty();
    if (usual.isPresent()) {
      act.update(
          new PersistentVolumeClaimBuilder(claim)
              .editSpec()
              .withStorageClassName(Meta.name(usual.get()))
              .endSpec()
              .build());
      return;
    }
    String name = Volumes.className(claim);
    if (name.isEmpty()) {
      act.normal(
          claim,
          "FailedBinding",
          "no persistent volumes available for this claim and no storage class is set");
    } else {
      act.warning(
          claim, "ProvisioningFailed", "storageclass.storage.k8s.io \"" + name + "\" not found");
    }
    setPhase(claim, "Pending", act);
  }

  /** The node for which the claim's volume is to be: chosen by the scheduler, or by its pod. */
  private static Optional<String> node(PersistentVolumeClaim claim, View view) {
    String selected = Meta.annotations(claim).getOrDefault(Volumes.SELECTED_NODE, "");
    return Stream.concat(
            Stream.of(selected),
            view.by(Pod.class, Volumes.CLAIM_INDEX, Meta.key(claim).toString()).stream()
                .map(Pods::node))
        .filter(node -> !node.isEmpty())
        .findFirst();
  }

  private static void provision(
      PersistentVolumeClaim claim, StorageClass storageClass, Optional<String> node, Actions act) {
    String provisioner = Meta.text(storageClass.getProvisioner());
    if (provisioner.equals(NodeLocal.PROVISIONER)) {
      NodeLocal.provision(claim, storageClass, node, act);
      setPhase(claim, "Pending", act);
      return;
    }
    if (provisioner.equals("kubernetes.io/no-provisioner")) {
      act.warning(claim, "ProvisioningFailed", "no volume plugin matched name: " + provisioner);
      setPhase(claim, "Pending", act);
      return;
    }
    PersistentVolumeClaim asked = claim;
    if (!provisioner.equals(Meta.annotations(claim).get(Volumes.PROVISIONER))) {
      asked =
          act.update(
              new PersistentVolumeClaimBuilder(claim)
                  .editMetadata()
                  .addToAnnotations(Volumes.PROVISIONER, provisioner)
                  .addToAnnotations(Volumes.OLD_PROVISIONER, provisioner)
                  .endMetadata()
                  .build());
    }
    act.normal(
        claim,
        "ExternalProvisioning",
        "Waiting for a volume to be created either by the external provisioner '"
            + provisioner
            + "' or manually by the system administrator. If volume creation is delayed, please"
            + " verify that the provisioner is running and correctly registered.");
    setPhase(asked, "Pending", act);
  }

  private static void bind(PersistentVolumeClaim claim, PersistentVolume volume, Actions act) {
    PersistentVolume taken = volume;
    var reference = volume.getSpec().getClaimRef();
    if (reference == null || Meta.text(reference.getUid()).isEmpty()) {
      var change = new PersistentVolumeBuilder(volume);
      if (reference == null) {
        change.editMetadata().addToAnnotations(Volumes.BOUND_BY_CONTROLLER, "yes").endMetadata();
      }
      taken =
          act.update(
              change
                  .editSpec()
                  .withClaimRef(
                      new ObjectReferenceBuilder()
                          .withApiVersion("v1")
                          .withKind("PersistentVolumeClaim")
                          .withNamespace(Meta.namespace(claim))
                          .withName(Meta.name(claim))
                          .withUid(Meta.uid(claim))
                          .withResourceVersion(claim.getMetadata().getResourceVersion())
                          .build())
                  .endSpec()
                  .build());
    }
    VolumeKeeper.setPhase(taken, "Bound", act);
    PersistentVolumeClaim given = claim;
    boolean named = !Meta.text(claim.getSpec().getVolumeName()).isEmpty();
    if (!named || !Volumes.annotated(claim, Volumes.BIND_COMPLETED)) {
      var change =
          new PersistentVolumeClaimBuilder(claim)
              .editMetadata()
              .addToAnnotations(Volumes.BIND_COMPLETED, "yes")
              .endMetadata();
      if (!named) {
        change
            .editMetadata()
            .addToAnnotations(Volumes.BOUND_BY_CONTROLLER, "yes")
            .endMetadata()
            .editSpec()
            .withVolumeName(Meta.name(volume))
            .endSpec();
      }
      given = act.update(change.build());
    }
    var spec = volume.getSpec();
    PersistentVolumeClaimStatus status =
        new PersistentVolumeClaimStatusBuilder(status(given))
            .withPhase("Bound")
            .withAccessModes(spec.getAccessModes())
            // A bound claim's volume may grow before its file system has: its node tells when.
            .withCapacity(bound(given) ? given.getStatus().getCapacity() : spec.getCapacity())
            .build();
    if (!status.equals(given.getStatus())) {
      act.updateStatus(new PersistentVolumeClaimBuilder(given).withStatus(status).build());
    }
  }

  private static void lose(
      PersistentVolumeClaim claim, String reason, String message, Actions act) {
    if (!Volumes.phase(claim).equals("Lost")) {
      act.warning(claim, reason, message);
    }
    setPhase(claim, "Lost", act);
  }

  private static void setPhase(PersistentVolumeClaim claim, String phase, Actions act) {
    if (!phase.equals(status(claim).getPhase())) {
      act.updateStatus(
          new PersistentVolumeClaimBuilder(claim)
              .withStatus(
                  new PersistentVolumeClaimStatusBuilder(status(claim)).withPhase(phase).build())
              .build());
    }
  }

  private static PersistentVolumeClaimStatus status(PersistentVolumeClaim claim) {
    return claim.getStatus() == null ? new PersistentVolumeClaimStatus() : claim.getStatus();
  }

  private static boolean bound(PersistentVolumeClaim claim) {
    return Volumes.phase(claim).equals("Bound");
  }

  private static Stream<PersistentVolumeClaim> waiting(View view) {
    return view.all(PersistentVolumeClaim.class).stream()
        .filter(claim -> Meta.text(claim.getSpec().getVolumeName()).isEmpty());
  }

  /** A volume wakes its claim; one that nobody has, all that would take it. */
  private static Collection<ObjectKey> claims(Change<PersistentVolume> change, View view) {
    PersistentVolume volume = change.latest();
    List<ObjectKey> owner = Volumes.claimKey(volume).stream().toList();
    if (!owner.isEmpty()) {
      return owner;
    }
    return Stream.concat(
            waiting(view).filter(claim -> Volumes.suits(volume, claim)),
            view.all(PersistentVolumeClaim.class).stream()
                .filter(claim -> Meta.name(volume).equals(claim.getSpec().getVolumeName())))
        .map(Meta::key)
        .toList();
  }

  /** A pod that comes, or has got its node, wakes its claims that wait for that. */
  private static Collection<ObjectKey> scheduled(Change<Pod> change, View view) {
    Pod pod = change.latest();
    return Pods.node(pod).isEmpty() && change.before() != null
        ? List.of()
        : Volumes.claimKeys(pod).stream()
            .filter(key ->
                view.find(PersistentVolumeClaim.class, key)
                    .filter(claim -> !bound(claim))
                    .isPresent())
            .toList();
  }
}
