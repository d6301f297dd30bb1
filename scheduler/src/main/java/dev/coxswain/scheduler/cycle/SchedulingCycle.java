package dev.coxswain.scheduler.cycle;

import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.Diagnosis;
import dev.coxswain.scheduler.framework.FilterPlugin;
import dev.coxswain.scheduler.framework.PostFilterPlugin.Remedy;
import dev.coxswain.scheduler.framework.PreFilterPlugin.Preparation;
import dev.coxswain.scheduler.framework.Profile;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Filters and scores. The same cluster, pods and random numbers give the same decisions. */
public final class SchedulingCycle {
  /** In a cluster up to this size every node is looked at. */
  private static final int MIN_FEASIBLE_NODES = 100;

  private static final int MIN_PERCENTAGE = 5;

  private final Randomness randomness;

  /** Where the last search ended; the next one goes on there, so that all nodes get their share. */
  private int start;

  /** A cycle that breaks ties with these random numbers. */
  public SchedulingCycle(Randomness randomness) {
    this.randomness = randomness;
  }

  /** A node for the pod, or why there is none and what can be done. Changes nothing. */
  public Decision decide(Profile profile, PodInfo pod, Cluster cluster) {
    Diagnosis diagnosis = new Diagnosis(cluster.nodes().size());
    CycleState state = new CycleState();
    Preparation preparation = profile.preFilter(state, pod, cluster, diagnosis);
    if (preparation instanceof Preparation.Rejected) {
      return unfit(profile, pod, cluster, diagnosis);
    }
    List<FilterPlugin> filters = profile.activeFilters(state);
    Optional<NodeInfo> nominated = cluster.node(pod.nominatedNode());
    if (nominated.isPresent()
        && Fit.testWithNominated(
            profile,
            filters,
            state,
            pod,
            nominated.get(),
            cluster,
            new Diagnosis(cluster.nodes().size()))) {
      return new Decision.Fits(nominated.get().name(), 1, 1, state);
    }
    List<NodeInfo> candidates = candidates(preparation, cluster);
    List<NodeInfo> feasible = new ArrayList<>();
    int examined = 0;
    int enough = enough(profile, candidates.size());
    int offset = candidates.isEmpty() ? 0 : start % candidates.size();
    while (examined < candidates.size() && feasible.size() < enough) {
      int index = offset + examined;
      NodeInfo node = candidates.get(index < candidates.size() ? index : index - candidates.size());
      if (Fit.testWithNominated(profile, filters, state, pod, node, cluster, diagnosis)) {
        feasible.add(node);
      }
      examined++;
    }
    start = offset + examined;
    if (feasible.isEmpty()) {
      return unfit(profile, pod, cluster, diagnosis);
    }
    NodeInfo best =
        feasible.size() == 1
            ? feasible.getFirst()
            : best(feasible, profile.score(state, pod, cluster, feasible));
    return new Decision.Fits(best.name(), examined, feasible.size(), state);
  }

  private static List<NodeInfo> candidates(Preparation preparation, Cluster cluster) {
    return preparation instanceof Preparation.Only(Set<String> nodes)
        ? nodes.stream().sorted().flatMap(name -> cluster.node(name).stream()).toList()
        : cluster.nodes();
  }

  private static int enough(Profile profile, int nodes) {
    if (nodes < MIN_FEASIBLE_NODES || profile.percentageOfNodesToScore() >= 100) {
      return nodes;
    }
    int percentage =
        profile.percentageOfNodesToScore() > 0
            ? profile.percentageOfNodesToScore()
            : Math.max(MIN_PERCENTAGE, 50 - nodes / 125);
    return Math.max(MIN_FEASIBLE_NODES, nodes * percentage / 100);
  }

  /** One of the best, each with the same chance. */
  private NodeInfo best(List<NodeInfo> nodes, long[] scores) {
    int best = 0;
    int equals = 1;
    for (int index = 1; index < scores.length; index++) {
      if (scores[index] > scores[best]) {
        best = index;
        equals = 1;
      } else if (scores[index] == scores[best]) {
        equals++;
        if (randomness.below(equals) == 0) {
          best = index;
        }
      }
    }
    return nodes.get(best);
  }

  private static Decision unfit(
      Profile profile, PodInfo pod, Cluster cluster, Diagnosis diagnosis) {
    Remedy remedy =
        diagnosis.nodes() == 0 ? new Remedy.None("") : profile.remedy(pod, cluster, diagnosis);
    String message = diagnosis.message();
    String effort =
        switch (remedy) {
          case Remedy.None(String why) -> why;
          case Remedy.Wait(String why) -> why;
          case Remedy.Evict evict -> "";
        };
    if (!effort.isEmpty()) {
      message += " preemption: " + effort;
    }
    return new Decision.Unfit(message, diagnosis.plugins(), remedy);
  }
}
