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
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Optional;

/**
 * Gives claims that ask for more what they ask for: directories of a node have no limit and grow by
 * saying so; a driver's volumes are left to its own resizer.
 */
public final class ClaimExpander implements Reconciler<PersistentVolumeClaim> {
  private static final String STORAGE = "storage";

  @Override
  public String name() {
    return "persistentvolume-expander-controller";
  }

  @Override
  public Watches<PersistentVolumeClaim> watches() {
    return Watches.of(PersistentVolumeClaim.class).reads(PersistentVolume.class);
  }

  @Override
  public Outcome reconcile(PersistentVolumeClaim wanted, View view, Actions act) {
    boolean grows =
        Volumes.phase(wanted).equals("Bound")
            && !Meta.deleting(wanted)
            && Volumes.request(wanted).compareTo(Volumes.size(wanted.getStatus().getCapacity()))
                > 0;
    Optional<PersistentVolume> volume =
        view.find(
            PersistentVolume.class, ObjectKey.cluster(Meta.text(wanted.getSpec().getVolumeName())));
    if (!grows || volume.isEmpty()) {
      return Outcome.done();
    }
    if (NodeLocal.PROVISIONER.equals(Meta.annotations(volume.get()).get(Volumes.PROVISIONED_BY))) {
      grow(wanted, volume.get(), act);
    } else {
      act.normal(
          wanted, "ExternalExpanding", "waiting for an external controller to expand this PVC");
    }
    return Outcome.done();
  }

  private static void grow(PersistentVolumeClaim claim, PersistentVolume volume, Actions act) {
    Quantity size = claim.getSpec().getResources().getRequests().get(STORAGE);
    if (Volumes.size(volume.getSpec().getCapacity()).compareTo(Volumes.request(claim)) < 0) {
      act.update(
          new PersistentVolumeBuilder(volume)
              .editSpec()
              .addToCapacity(STORAGE, size)
              .endSpec()
              .build());
    }
    act.updateStatus(
        new PersistentVolumeClaimBuilder(claim)
            .editStatus()
            .addToCapacity(STORAGE, size)
            .endStatus()
            .build());
  }
}
