package dev.coxswain.controllers.daemonset;

import dev.coxswain.controllers.daemonset.DaemonPods.Place;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSetStatus;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a DaemonSet's status says of its nodes. */
final class DaemonSetStatuses {
  private DaemonSetStatuses() {}

  /** Writes the status if it changed; when a pod becomes available by waiting, says when. */
  static Outcome update(
      DaemonSet set, Map<String, List<Pod>> byNode, String hash, View view, Actions act) {
    int desired = 0;
    int current = 0;
    int misscheduled = 0;
    int ready = 0;
    int available = 0;
    int updated = 0;
    Outcome outcome = Outcome.done();
    int minReadySeconds = Meta.number(set.getSpec().getMinReadySeconds(), 0);
    for (Node node : view.all(Node.class)) {
      List<Pod> living =
          DaemonSetController.living(byNode.getOrDefault(Meta.name(node), List.of()));
      if (DaemonPods.place(set, node) != Place.WANTED) {
        // One that may stay, too: no other would come there now.
        misscheduled += living.isEmpty() ? 0 : 1;
        continue;
      }
      desired++;
      if (living.isEmpty()) {
        continue;
      }
      current++;
      Pod pod = living.getFirst();
      ready += Pods.ready(pod) ? 1 : 0;
      available += Pods.available(pod, minReadySeconds, view.now()) ? 1 : 0;
      updated += DaemonRollout.isCurrent(pod, hash) ? 1 : 0;
      outcome =
          outcome.orSooner(
              Pods.untilAvailable(pod, minReadySeconds, view.now())
                  .filter(left -> !left.isZero())
                  .map(Outcome::again)
                  .orElse(Outcome.done()));
    }
    var status = new DaemonSetStatus();
    status.setObservedGeneration(Meta.generation(set));
    status.setDesiredNumberScheduled(desired);
    status.setCurrentNumberScheduled(current);
    status.setNumberMisscheduled(misscheduled);
    status.setNumberReady(ready);
    status.setNumberAvailable(positive(available));
    status.setNumberUnavailable(positive(desired - available));
    status.setUpdatedNumberScheduled(positive(updated));
    if (set.getStatus() != null) {
      status.setCollisionCount(set.getStatus().getCollisionCount());
      status.setConditions(Meta.list(set.getStatus().getConditions()));
    }
    if (!status.equals(set.getStatus())) {
      act.updateStatus(new DaemonSetBuilder(set).withStatus(status).build());
    }
    return outcome;
  }

  /** A count as the API serializes it: absent when it is nothing. */
  private static @Nullable Integer positive(int count) {
    return count == 0 ? null : count;
  }
}
