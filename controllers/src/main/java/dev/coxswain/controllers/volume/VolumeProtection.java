package dev.coxswain.controllers.volume;

import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Finalizers;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;

/** Keeps a volume that is deleted until no claim has it any more. */
public final class VolumeProtection implements Reconciler<PersistentVolume> {
  private static final String FINALIZER = "kubernetes.io/pv-protection";

  @Override
  public String name() {
    return "persistentvolume-protection-controller";
  }

  @Override
  public Watches<PersistentVolume> watches() {
    return Watches.of(PersistentVolume.class)
        .on(
            PersistentVolumeClaim.class,
            (change, view) ->
                view.all(PersistentVolume.class).stream()
                    .filter(Meta::deleting)
                    .map(Meta::key)
                    .toList());
  }

  @Override
  public Outcome reconcile(PersistentVolume wanted, View view, Actions act) {
    if (!Meta.deleting(wanted)) {
      Finalizers.add(wanted, FINALIZER, act);
    } else if (!inUse(wanted, view, act)) {
      Finalizers.remove(wanted, FINALIZER, act);
    }
    return Outcome.done();
  }

  private static boolean inUse(PersistentVolume volume, View view, Actions act) {
    return Volumes.claimKey(volume)
        .flatMap(key ->
            view.find(PersistentVolumeClaim.class, key)
                .or(() -> act.live(PersistentVolumeClaim.class, key)))
        .filter(claim -> Meta.name(volume).equals(claim.getSpec().getVolumeName()))
        .isPresent();
  }
}
