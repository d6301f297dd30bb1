package dev.coxswain.controllers.volume;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeStatus;
import io.fabric8.kubernetes.api.model.PersistentVolumeStatusBuilder;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says of each volume whether it can be had, and does what it asks for once its claim is gone. */
public final class VolumeKeeper implements Reconciler<PersistentVolume> {
  /** Index of volumes by the claims for which they are kept. */
  private static final String KEPT_FOR = "kept for claim";

  @Override
  public String name() {
    return "persistentvolume-reclaim-controller";
  }

  @Override
  public Watches<PersistentVolume> watches() {
    return Watches.of(PersistentVolume.class)
        .on(
            PersistentVolumeClaim.class,
            (change, view) ->
                Stream.concat(
                        Stream.of(Meta.text(change.latest().getSpec().getVolumeName()))
                            .filter(name -> !name.isEmpty())
                            .map(ObjectKey::cluster),
                        view
                            .by(
                                PersistentVolume.class,
                                KEPT_FOR,
                                Meta.key(change.latest()).toString())
                            .stream()
                            .map(Meta::key))
                    .distinct()
                    .toList())
        .index(
            PersistentVolume.class,
            KEPT_FOR,
            volume -> Volumes.claimKey(volume).stream().map(ObjectKey::toString).toList());
  }

  @Override
  public Outcome reconcile(PersistentVolume wanted, View view, Actions act) {
    if (Meta.deleting(wanted)) {
      return Outcome.done();
    }
    var reference = wanted.getSpec().getClaimRef();
    if (reference == null || Meta.text(reference.getUid()).isEmpty()) {
      setPhase(wanted, "Available", act);
      return Outcome.done();
    }
    ObjectKey key = Volumes.claimKey(wanted).orElseThrow();
    Optional<PersistentVolumeClaim> claim =
        view.find(PersistentVolumeClaim.class, key)
            .filter(found -> Meta.uid(found).equals(reference.getUid()))
            .or(() ->
                act.live(PersistentVolumeClaim.class, key)
                    .filter(found -> Meta.uid(found).equals(reference.getUid())));
    if (claim.isEmpty()) {
      reclaim(wanted, act);
    } else if (isElsewhere(claim.get(), wanted)) {
      if (Volumes.annotated(wanted, Volumes.PROVISIONED_BY) && goesWithClaim(wanted)) {
        // It was made for the claim, which needs it no more.
        reclaim(wanted, act);
      } else {
        giveBack(wanted, act);
      }
    }
    return Outcome.done();
  }

  /** Does what the volume asks for, or tells that nobody will; who failed before has failed. */
  private static void reclaim(PersistentVolume volume, Actions act) {
    String phase = volume.getStatus() == null ? "" : Meta.text(volume.getStatus().getPhase());
    String provisioner = Meta.annotations(volume).getOrDefault(Volumes.PROVISIONED_BY, "");
    if (goesWithClaim(volume) && provisioner.isEmpty()) {
      fail(
          volume,
          "VolumeFailedDelete",
          "error getting deleter volume plugin for volume \""
              + Meta.name(volume)
              + "\": no deletable volume plugin matched",
          act);
    } else if ("Recycle".equals(volume.getSpec().getPersistentVolumeReclaimPolicy())) {
      fail(volume, "VolumeFailedRecycle", "No recycler plugin found for the volume!", act);
    } else if (!phase.equals("Failed")) {
      setPhase(volume, "Released", act);
    }
    if (goesWithClaim(volume) && provisioner.equals(NodeLocal.PROVISIONER)) {
      act.delete(volume);
    }
  }

  private static void fail(PersistentVolume volume, String reason, String message, Actions act) {
    if (setPhase(volume, "Failed", message, act)) {
      act.warning(volume, reason, message);
    }
  }

  /** Whether the claim for which the volume is kept has another one; none ever changes its own. */
  private static boolean isElsewhere(PersistentVolumeClaim claim, PersistentVolume volume) {
    String has = Meta.text(claim.getSpec().getVolumeName());
    return !has.isEmpty() && !has.equals(Meta.name(volume));
  }

  /**
   * Keeps the volume no longer for a claim that has another one: as it was, for whoever suits it or
   * for a claim of the name that its maker wrote down.
   */
  private static void giveBack(PersistentVolume volume, Actions act) {
    var free = new PersistentVolumeBuilder(volume);
    if (Volumes.annotated(volume, Volumes.BOUND_BY_CONTROLLER)) {
      free.editMetadata()
          .removeFromAnnotations(Volumes.BOUND_BY_CONTROLLER)
          .endMetadata()
          .editSpec()
          .withClaimRef(null)
          .endSpec();
    } else {
      free.editSpec().editClaimRef().withUid(null).endClaimRef().endSpec();
    }
    setPhase(act.update(free.build()), "Available", act);
  }

  private static boolean goesWithClaim(PersistentVolume volume) {
    return "Delete".equals(volume.getSpec().getPersistentVolumeReclaimPolicy());
  }

  static void setPhase(PersistentVolume volume, String phase, Actions act) {
    setPhase(volume, phase, null, act);
  }

  /** Sets a phase that is another than before, and why it is so; whether it was another. */
  private static boolean setPhase(
      PersistentVolume volume, String phase, @Nullable String message, Actions act) {
    PersistentVolumeStatus before =
        volume.getStatus() == null ? new PersistentVolumeStatus() : volume.getStatus();
    if (phase.equals(before.getPhase())) {
      return false;
    }
    act.updateStatus(
        new PersistentVolumeBuilder(volume)
            .withStatus(
                new PersistentVolumeStatusBuilder(before)
                    .withPhase(phase)
                    .withMessage(message)
                    .build())
            .build());
    return true;
  }
}
