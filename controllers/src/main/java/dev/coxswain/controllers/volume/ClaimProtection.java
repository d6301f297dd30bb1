package dev.coxswain.controllers.volume;

import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Finalizers;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;

/** Keeps a claim that is deleted until no pod uses it any more. */
public final class ClaimProtection implements Reconciler<PersistentVolumeClaim> {
  private static final String FINALIZER = "kubernetes.io/pvc-protection";

  @Override
  public String name() {
    return "persistentvolumeclaim-protection-controller";
  }

  @Override
  public Watches<PersistentVolumeClaim> watches() {
    return Watches.of(PersistentVolumeClaim.class)
        .on(
            Pod.class,
            (change, view) ->
                change.before() == null ? List.of() : Volumes.claimKeys(change.before()))
        .index(Pod.class, Volumes.CLAIM_INDEX, Volumes::claims);
  }

  @Override
  public Outcome reconcile(PersistentVolumeClaim wanted, View view, Actions act) {
    if (!Meta.deleting(wanted)) {
      Finalizers.add(wanted, FINALIZER, act);
    } else if (view.by(Pod.class, Volumes.CLAIM_INDEX, Meta.key(wanted).toString()).stream()
        .noneMatch(ClaimProtection::holds)) {
      if (isUsed(wanted, act)) {
        return Outcome.again(Volumes.UNTIL_THE_CACHE_KNOWS);
      }
      Finalizers.remove(wanted, FINALIZER, act);
    }
    return Outcome.done();
  }

  /** The claim's end may be known here before a pod that was made earlier is. */
  private static boolean isUsed(PersistentVolumeClaim claim, Actions act) {
    return act.live(Pod.class, Meta.namespace(claim)).stream()
        .anyMatch(pod -> holds(pod) && Volumes.claimKeys(pod).contains(Meta.key(claim)));
  }

  /** A pod that has no node yet gets none while its claim is going: it must not wait for it. */
  private static boolean holds(Pod pod) {
    return !Pods.node(pod).isEmpty();
  }
}
