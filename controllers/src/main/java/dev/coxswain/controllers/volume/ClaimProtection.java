package dev.coxswain.controllers.volume;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Finalizers;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimVolumeSource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Keeps a claim that is deleted until no pod uses it any more. */
public final class ClaimProtection implements Reconciler<PersistentVolumeClaim> {
  private static final String FINALIZER = "kubernetes.io/pvc-protection";

  /** Index of pods by the claims that they keep. */
  private static final String USERS = "user of claim";

  @Override
  public String name() {
    return "persistentvolumeclaim-protection-controller";
  }

  @Override
  public Watches<PersistentVolumeClaim> watches() {
    return Watches.of(PersistentVolumeClaim.class)
        .on(
            Pod.class,
            (change, view) -> change.before() == null ? List.of() : claims(change.before()))
        .index(Pod.class, USERS, pod -> claims(pod).stream().map(ObjectKey::toString).toList());
  }

  @Override
  public Outcome reconcile(PersistentVolumeClaim wanted, View view, Actions act) {
    if (!Meta.deleting(wanted)) {
      Finalizers.add(wanted, FINALIZER, act);
    } else if (view.by(Pod.class, USERS, Meta.key(wanted).toString()).stream()
        .noneMatch(pod -> keeps(pod, wanted))) {
      if (isUsed(wanted, act)) {
        return Outcome.again(Volumes.UNTIL_THE_CACHE_KNOWS);
      }
      Finalizers.remove(wanted, FINALIZER, act);
    }
    return Outcome.done();
  }

  /** The claim's end may be known here before a pod that was made earlier is. */
  private static boolean isUsed(PersistentVolumeClaim claim, Actions act) {
    return act.live(Pod.class, Meta.namespace(claim)).stream().anyMatch(pod -> keeps(pod, claim));
  }

  /** The claims that a pod may keep, of whatever phase it is. */
  private static List<ObjectKey> claims(Pod pod) {
    return volumes(pod).stream()
        .flatMap(volume -> Stream.concat(named(volume).stream(), made(volume, pod).stream()))
        .map(name -> new ObjectKey(Meta.namespace(pod), name))
        .toList();
  }

  /**
   * Whether a pod keeps a claim. One that has no node yet gets none while its claim is going: it
   * must not wait for it. One that has ended may have its volumes mounted still, and people look
   * for what it wrote: it keeps its claims as long as it is there.
   */
  private static boolean keeps(Pod pod, PersistentVolumeClaim claim) {
    if (Pods.node(pod).isEmpty() || !Meta.namespace(pod).equals(Meta.namespace(claim))) {
      return false;
    }
    // A claim that was made for its pod goes with it: neither may wait for the other.
    boolean madeForIt = !shutDown(pod) && Owners.controls(pod, claim);
    return volumes(pod).stream()
        .anyMatch(volume ->
            named(volume).filter(Meta.name(claim)::equals).isPresent()
                || (madeForIt && made(volume, pod).filter(Meta.name(claim)::equals).isPresent()));
  }

  private static List<Volume> volumes(Pod pod) {
    return pod.getSpec() == null ? List.of() : Meta.list(pod.getSpec().getVolumes());
  }

  private static Optional<String> named(Volume volume) {
    return Optional.ofNullable(volume.getPersistentVolumeClaim())
        .map(PersistentVolumeClaimVolumeSource::getClaimName);
  }

  private static Optional<String> made(Volume volume, Pod pod) {
    return volume.getEphemeral() == null
        ? Optional.empty()
        : Optional.of(Meta.name(pod) + "-" + volume.getName());
  }

  /** Whether its kubelet is done with it, or nobody asks that any more. */
  private static boolean shutDown(Pod pod) {
    Long grace = pod.getMetadata().getDeletionGracePeriodSeconds();
    return Meta.deleting(pod) && grace != null && grace == 0;
  }
}
