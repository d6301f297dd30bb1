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
import java.util.List;
import java.util.Optional;

/** Says of each volume whether it can be had, and does what it asks for once its claim is gone. */
public final class VolumeKeeper implements Reconciler<PersistentVolume> {

  @Override
  public String name() {
    return "persistentvolume-reclaim-controller";
  }

  @Override
  public Watches<PersistentVolume> watches() {
    return Watches.of(PersistentVolume.class)
        .on(
            PersistentVolumeClaim.class,
            (change, view) -> {
              String name = Meta.text(change.latest().getSpec().getVolumeName());
              return name.isEmpty() ? List.of() : List.of(ObjectKey.cluster(name));
            });
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
    boolean claimed = owner(view.find(PersistentVolumeClaim.class, key), reference.getUid());
    if (!claimed && !owner(act.live(PersistentVolumeClaim.class, key), reference.getUid())) {
      setPhase(wanted, "Released", act);
      boolean ours =
          NodeLocal.PROVISIONER.equals(Meta.annotations(wanted).get(Volumes.PROVISIONED_BY));
      if (ours && "Delete".equals(wanted.getSpec().getPersistentVolumeReclaimPolicy())) {
        act.delete(wanted);
      }
    }
    return Outcome.done();
  }

  private static boolean owner(Optional<PersistentVolumeClaim> claim, String uid) {
    return claim.filter(found -> Meta.uid(found).equals(uid)).isPresent();
  }

  static void setPhase(PersistentVolume volume, String phase, Actions act) {
    PersistentVolumeStatus before =
        volume.getStatus() == null ? new PersistentVolumeStatus() : volume.getStatus();
    if (!phase.equals(before.getPhase())) {
      act.updateStatus(
          new PersistentVolumeBuilder(volume)
              .withStatus(new PersistentVolumeStatusBuilder(before).withPhase(phase).build())
              .build());
    }
  }
}
