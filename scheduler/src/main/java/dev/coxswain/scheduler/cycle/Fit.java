package dev.coxswain.scheduler.cycle;

import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.Diagnosis;
import dev.coxswain.scheduler.framework.FilterPlugin;
import dev.coxswain.scheduler.framework.PreFilterPlugin.Preparation;
import dev.coxswain.scheduler.framework.Profile;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import java.util.List;

/** Whether a pod can be on one node of the cluster as it is now. */
public final class Fit {
  private Fit() {}

  /**
   * Prepares and runs all filters for this one node; also with those there for which room is being
   * made.
   *
   * @param diagnosis notes why it does not fit
   */
  public static boolean test(
      Profile profile, PodInfo pod, NodeInfo node, Cluster cluster, Diagnosis diagnosis) {
    CycleState state = new CycleState();
    return prepared(profile, state, pod, node, cluster, diagnosis)
        && testWithNominated(
            profile, profile.activeFilters(state), state, pod, node, cluster, diagnosis);
  }

  private static boolean prepared(
      Profile profile,
      CycleState state,
      PodInfo pod,
      NodeInfo node,
      Cluster cluster,
      Diagnosis diagnosis) {
    return switch (profile.preFilter(state, pod, cluster, diagnosis)) {
      case Preparation.Proceed proceed -> true;
      case Preparation.Skip skip -> true;
      case Preparation.Only only -> only.nodes().contains(node.name());
      case Preparation.Rejected rejected -> false;
    };
  }

  /**
   * As the prepared filters say, and also if those pods were there for which room is being made on
   * the node and which are no less important: their room is not given away.
   */
  static boolean testWithNominated(
      Profile profile,
      List<FilterPlugin> filters,
      CycleState state,
      PodInfo pod,
      NodeInfo node,
      Cluster cluster,
      Diagnosis diagnosis) {
    if (!Profile.passes(filters, state, pod, node, diagnosis)) {
      return false;
    }
    List<PodInfo> expected =
        cluster.nominatedTo(node.name()).stream()
            .filter(other -> other.priority() >= pod.priority() && !other.key().equals(pod.key()))
            .toList();
    if (expected.isEmpty()) {
      return true;
    }
    expected.forEach(other -> cluster.put(other.on(node.name())));
    try {
      CycleState later = new CycleState();
      return prepared(profile, later, pod, node, cluster, new Diagnosis(1))
          && Profile.passes(profile.activeFilters(later), later, pod, node, diagnosis);
    } finally {
      expected.forEach(other -> cluster.removePod(other.key()));
    }
  }
}
