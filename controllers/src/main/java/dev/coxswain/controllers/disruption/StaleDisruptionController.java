package dev.coxswain.controllers.disruption;

import dev.coxswain.api.json.Json;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Disruption;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.runtime.client.Patch;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Takes back from a pod that the cluster is about to end it, where nothing came of that: whoever
 * said so crashed before it deleted the pod, or was refused. A failure of the pod's own would pass
 * for the cluster's otherwise, and a Job would not count it.
 */
public final class StaleDisruptionController implements Reconciler<Pod> {
  /** How long a pod's deletion may take to begin. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** A kubelet that ends a pod says so at once, and deletes nothing until all has ended. */
  private static final String BY_KUBELET = "TerminationByKubelet";

  @Override
  public String name() {
    return "stale-pod-disruption-controller";
  }

  @Override
  public Watches<Pod> watches() {
    return Watches.of(Pod.class);
  }

  @Override
  public Outcome reconcile(Pod wanted, View view, Actions act) {
    Optional<PodCondition> target =
        Pods.condition(wanted, Disruption.TARGET)
            .filter(condition -> "True".equals(condition.getStatus()))
            .filter(condition -> !BY_KUBELET.equals(condition.getReason()));
    if (target.isEmpty() || Meta.deleting(wanted) || Pods.finished(wanted)) {
      return Outcome.done();
    }
    Instant since = Meta.time(target.get().getLastTransitionTime()).orElse(Instant.EPOCH);
    Duration left = Duration.between(view.now(), since.plus(PATIENCE));
    if (left.isPositive()) {
      return Outcome.again(left);
    }
    var patch = Json.object();
    patch
        .putObject("metadata")
        .put("uid", Meta.uid(wanted))
        .put("resourceVersion", wanted.getMetadata().getResourceVersion());
    patch
        .putObject("status")
        .set(
            "conditions",
            Disruption.with(
                wanted,
                new PodConditionBuilder()
                    .withType(Disruption.TARGET)
                    .withStatus("False")
                    .withLastTransitionTime(Meta.timestamp(view.now()))
                    .build()));
    act.patchStatus(wanted, new Patch.Merge(patch.toString()));
    return Outcome.done();
  }
}
