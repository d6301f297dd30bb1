package dev.coxswain.controllers.manager;

import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.runtime.client.DeleteOptions;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A scheduler and kubelets in one: each time it is asked, one pod gets its node, or starts and
 * becomes ready, or ends because it was told to.
 */
public final class PodLife implements BooleanSupplier {
  private final Simulation simulation;
  private final Predicate<Pod> starts;
  private final Function<Pod, String> schedules;

  /**
   * @param starts whether a pod ever becomes ready: a bad image never does
   */
  public PodLife(Simulation simulation, Predicate<Pod> starts) {
    this(simulation, starts, pod -> "node-" + simulation.random().below(3));
  }

  /**
   * @param schedules the node that a pod is bound to
   */
  public PodLife(Simulation simulation, Predicate<Pod> starts, Function<Pod, String> schedules) {
    this.simulation = simulation;
    this.starts = starts;
    this.schedules = schedules;
  }

  /** Everything starts. */
  public PodLife(Simulation simulation) {
    this(simulation, pod -> true);
  }

  @Override
  public boolean getAsBoolean() {
    return simulation.calmly(() -> {
      List<Pod> movable = simulation.stored(Pod.class).stream().filter(this::movable).toList();
      if (!movable.isEmpty()) {
        move(movable.get((int) simulation.random().below(movable.size())));
      }
      return !movable.isEmpty();
    });
  }

  private boolean movable(Pod pod) {
    return Meta.deleting(pod)
        || Pods.node(pod).isEmpty()
        || (!Pods.finished(pod) && !Pods.ready(pod) && starts.test(pod));
  }

  private void move(Pod pod) {
    var pods = simulation.api().resource(Pod.class);
    if (Meta.deleting(pod)) {
      pods.delete(Meta.key(pod), new DeleteOptions(0L, null, null, null));
    } else if (Pods.node(pod).isEmpty()) {
      pods.update(
          new PodBuilder(pod).editOrNewSpec().withNodeName(schedules.apply(pod)).endSpec().build());
    } else {
      pods.updateStatus(ready(pod, simulation.time().now().toString()));
    }
  }

  private static Pod ready(Pod pod, String now) {
    return new PodBuilder(pod)
        .editOrNewStatus()
        .withPhase("Running")
        .withStartTime(now)
        .withConditions(
            new PodConditionBuilder()
                .withType("Ready")
                .withStatus("True")
                .withLastTransitionTime(now)
                .build())
        .endStatus()
        .build();
  }
}
