package dev.coxswain.controllers.replicaset;

import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Claims;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.controllers.object.Selectors;
import dev.coxswain.controllers.replicaset.PodCount.Failure;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatus;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Keeps as many pods of its template as a ReplicaSet wants. */
public final class ReplicaSetController implements Reconciler<ReplicaSet> {

  @Override
  public String name() {
    return "replicaset-controller";
  }

  @Override
  public Watches<ReplicaSet> watches() {
    return Watches.of(ReplicaSet.class)
        .claimed(
            Pod.class,
            (set, pod) -> Selectors.matches(set.getSpec().getSelector(), Meta.labels(pod)));
  }

  @Override
  public Outcome reconcile(ReplicaSet wanted, View view, Actions act) {
    return reconcile(
        wanted,
        wanted,
        status -> {
          if (!status.equals(wanted.getStatus())) {
            act.updateStatus(new ReplicaSetBuilder(wanted).withStatus(status).build());
          }
        },
        view,
        act);
  }

  /**
   * The same for whatever has a ReplicaSet's form.
   *
   * @param owner whose pods they are
   * @param wanted the owner as a ReplicaSet
   * @param write writes the owner's status
   */
  static Outcome reconcile(
      HasMetadata owner,
      ReplicaSet wanted,
      Consumer<ReplicaSetStatus> write,
      View view,
      Actions act) {
    List<Pod> pods =
        Claims.of(Pod.class, owner, Selectors.of(wanted.getSpec().getSelector()))
            .adoptable(Pods::active)
            .claim(view, act);
    List<Pod> active = pods.stream().filter(Pods::active).toList();
    Optional<Failure> failure =
        Meta.deleting(wanted)
            ? Optional.empty()
            : PodCount.adjust(
                owner, wanted.getSpec().getTemplate(), replicas(wanted), active, view, act);
    write.accept(ReplicaSetStatuses.of(wanted, active, failure, view.now()));
    if (failure.isPresent()) {
      throw failure.get().cause();
    }
    return untilAvailable(active, wanted.getSpec().getMinReadySeconds(), view);
  }

  /** A pod becomes available by the mere passing of time: nothing else would wake the key. */
  static Outcome untilAvailable(
      List<Pod> pods, @org.jspecify.annotations.Nullable Integer minReadySeconds, View view) {
    return pods.stream()
        .flatMap(
            pod -> Pods.untilAvailable(pod, Meta.number(minReadySeconds, 0), view.now()).stream())
        .filter(left -> !left.isZero())
        .map(Outcome::again)
        .reduce(Outcome.done(), Outcome::orSooner);
  }

  static int replicas(ReplicaSet set) {
    return Meta.number(set.getSpec().getReplicas(), 1);
  }
}
