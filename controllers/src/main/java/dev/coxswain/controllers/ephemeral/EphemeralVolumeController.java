package dev.coxswain.controllers.ephemeral;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.controllers.volume.Volumes;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.List;
import java.util.Optional;

/** Makes the claims of a pod's generic ephemeral volumes; the pod owns them, so they go with it. */
public final class EphemeralVolumeController implements Reconciler<Pod> {

  @Override
  public String name() {
    return "ephemeral-volume-controller";
  }

  @Override
  public Watches<Pod> watches() {
    return Watches.of(Pod.class)
        .owned(PersistentVolumeClaim.class)
        // Somebody else's claim that is gone makes room for the pods that wait for its name.
        .on(
            PersistentVolumeClaim.class,
            (change, view) ->
                change.after() != null
                    ? List.of()
                    : view
                        .by(Pod.class, Volumes.CLAIM_INDEX, Meta.key(change.latest()).toString())
                        .stream()
                        .map(Meta::key)
                        .toList())
        .index(Pod.class, Volumes.CLAIM_INDEX, Volumes::claims);
  }

  @Override
  public Outcome reconcile(Pod wanted, View view, Actions act) {
    if (Meta.deleting(wanted) || Pods.finished(wanted)) {
      return Outcome.done();
    }
    for (Volume volume : Meta.list(wanted.getSpec().getVolumes())) {
      if (volume.getEphemeral() != null) {
        provide(wanted, volume, view, act);
      }
    }
    return Outcome.done();
  }

  private static void provide(Pod pod, Volume volume, View view, Actions act) {
    String name = Meta.name(pod) + "-" + volume.getName();
    Optional<PersistentVolumeClaim> known =
        view.find(PersistentVolumeClaim.class, new ObjectKey(Meta.namespace(pod), name));
    if (known.isEmpty()) {
      act.create(claim(pod, volume, name));
    } else if (!Owners.controls(pod, known.get())) {
      // Somebody else's data: the pod waits until its owner has removed or renamed it.
      act.warning(
          pod,
          "FailedEphemeralVolume",
          "PVC "
              + Meta.namespace(pod)
              + "/"
              + name
              + " was not created for pod "
              + Meta.namespace(pod)
              + "/"
              + Meta.name(pod)
              + " (pod is not owner)");
    }
  }

  private static PersistentVolumeClaim claim(Pod pod, Volume volume, String name) {
    var template = volume.getEphemeral().getVolumeClaimTemplate();
    PersistentVolumeClaimBuilder claim =
        new PersistentVolumeClaimBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(Meta.namespace(pod))
            .withOwnerReferences(Owners.controllerReference(pod))
            .endMetadata()
            .withSpec(template.getSpec());
    if (template.getMetadata() != null) {
      claim
          .editMetadata()
          .withLabels(template.getMetadata().getLabels())
          .withAnnotations(template.getMetadata().getAnnotations())
          .endMetadata();
    }
    return claim.build();
  }
}
