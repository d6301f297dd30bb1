package dev.coxswain.controllers.job;

import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.DeleteOptions.Propagation;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Deletes a finished Job, with its pods, when its time to be kept is over. */
public final class TtlAfterFinishedController implements Reconciler<Job> {

  @Override
  public String name() {
    return "ttl-after-finished-controller";
  }

  @Override
  public Watches<Job> watches() {
    return Watches.of(Job.class).workers(1);
  }

  @Override
  public Outcome reconcile(Job wanted, View view, Actions act) {
    Integer seconds = wanted.getSpec().getTtlSecondsAfterFinished();
    if (seconds == null || Meta.deleting(wanted) || !JobStatuses.finished(wanted)) {
      return Outcome.done();
    }
    Optional<Instant> finished =
        wanted.getStatus().getConditions().stream()
            .filter(condition ->
                condition.getType().equals("Complete") || condition.getType().equals("Failed"))
            .flatMap(condition -> Meta.time(condition.getLastTransitionTime()).stream())
            .findFirst();
    if (finished.isEmpty()) {
      return Outcome.done();
    }
    Duration left = Duration.between(view.now(), finished.get().plusSeconds(seconds));
    if (left.isPositive()) {
      return Outcome.again(left);
    }
    act.delete(
        wanted,
        new DeleteOptions(
            null,
            Meta.uid(wanted),
            wanted.getMetadata().getResourceVersion(),
            Propagation.FOREGROUND));
    return Outcome.done();
  }
}
