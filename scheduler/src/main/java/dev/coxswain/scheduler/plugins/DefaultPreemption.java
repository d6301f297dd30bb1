package dev.coxswain.scheduler.plugins;

import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.scheduler.cycle.Fit;
import dev.coxswain.scheduler.framework.Diagnosis;
import dev.coxswain.scheduler.framework.PostFilterPlugin;
import dev.coxswain.scheduler.framework.Profile;
import dev.coxswain.scheduler.model.Budget;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Makes room for a pod by evicting pods of lower priority: as few and as unimportant ones as
 * possible, all from one node.
 */
final class DefaultPreemption implements PostFilterPlugin {
  private static final String NO_VICTIMS = "No preemption victims found for incoming pod";
  private static final String NOT_HELPFUL = "Preemption is not helpful for scheduling";

  /** At least so many candidates are compared, unless configured. */
  static final int MIN_CANDIDATES = 100;

  /** At least such a share of the nodes that may help, unless configured. */
  static final int MIN_CANDIDATES_PERCENT = 10;

  /** The more important a pod, the earlier; of equal ones the one that has run longer. */
  private static final Comparator<PodInfo> IMPORTANT_FIRST =
      Comparator.comparingInt(PodInfo::priority)
          .reversed()
          .thenComparing(PodInfo::since)
          .thenComparing(pod -> pod.key().toString());

  private final Randomness randomness;
  private final int minCandidatesPercent;
  private final int minCandidates;

  /**
   * Makes room.
   *
   * @param minCandidatesPercent upstream's minCandidateNodesPercentage
   * @param minCandidates upstream's minCandidateNodesAbsolute
   */
  DefaultPreemption(Randomness randomness, int minCandidatesPercent, int minCandidates) {
    this.randomness = randomness;
    this.minCandidatesPercent = minCandidatesPercent;
    this.minCandidates = minCandidates;
  }

  /**
   * A node and who would have to go.
   *
   * @param victims the most important one first
   * @param violations how many of them a disruption budget would keep
   */
  private record Candidate(NodeInfo node, List<PodInfo> victims, int violations) {
    int highestPriority() {
      return victims.getFirst().priority();
    }

    /** Shifted, so that fewer victims of any priority are better than more. */
    long sumOfPriorities() {
      return victims.stream().mapToLong(pod -> pod.priority() + (1L << 31)).sum();
    }

    Instant startOfMostImportant() {
      return victims.stream()
          .filter(pod -> pod.priority() == highestPriority())
          .map(PodInfo::since)
          .min(Comparator.naturalOrder())
          .orElse(Instant.EPOCH);
    }
  }

  /** Upstream's order. */
  private static final Comparator<Candidate> CHEAPEST =
      Comparator.comparingInt(Candidate::violations)
          .thenComparingInt(Candidate::highestPriority)
          .thenComparingLong(Candidate::sumOfPriorities)
          .thenComparingInt(candidate -> candidate.victims().size())
          .thenComparing(Candidate::startOfMostImportant, Comparator.reverseOrder())
          .thenComparing(candidate -> candidate.node().name());

  @Override
  public Remedy postFilter(Profile profile, PodInfo pod, Cluster cluster, Diagnosis diagnosis) {
    if (!pod.preempts()) {
      return new Remedy.None("not eligible due to preemptionPolicy=Never.");
    }
    List<NodeInfo> nodes = diagnosis.resolvable();
    if (roomIsBeingMade(pod, nodes)) {
      return new Remedy.Wait("not eligible due to a terminating pod on the nominated node.");
    }
    List<Candidate> candidates = new ArrayList<>();
    Map<String, Integer> obstacles = new HashMap<>();
    int enough = Math.max(minCandidates, nodes.size() * minCandidatesPercent / 100);
    int offset = nodes.isEmpty() ? 0 : (int) randomness.below(nodes.size());
    boolean withoutViolation = false;
    for (int index = 0; index < nodes.size(); index++) {
      NodeInfo node = nodes.get((offset + index) % nodes.size());
      Optional<Candidate> candidate = candidate(profile, pod, node, cluster, obstacles);
      candidate.ifPresent(candidates::add);
      withoutViolation |= candidate.filter(one -> one.violations() == 0).isPresent();
      // No budget is broken while a node may be left where none need be.
      if (withoutViolation && candidates.size() >= enough) {
        break;
      }
    }
    return candidates.stream()
        .min(CHEAPEST)
        .<Remedy>map(best -> new Remedy.Evict(best.node().name(), best.victims()))
        .orElseGet(() -> none(diagnosis.nodes(), nodes.size(), obstacles));
  }

  private static Remedy none(int all, int resolvable, Map<String, Integer> obstacles) {
    if (all > resolvable) {
      obstacles.put(NOT_HELPFUL, all - resolvable);
    }
    return new Remedy.None(Diagnosis.sentence(all, obstacles));
  }

  /**
   * Whether it is enough to wait for those who go from the pod's node already; not where that no
   * longer helps, as on a node that has been cordoned since or is lost with them.
   */
  private static boolean roomIsBeingMade(PodInfo pod, List<NodeInfo> resolvable) {
    return resolvable.stream()
        .filter(node -> node.name().equals(pod.nominatedNode()))
        .flatMap(node -> node.pods().stream())
        .anyMatch(other ->
            other.state() == PodInfo.State.TERMINATING && other.priority() < pod.priority());
  }

  /**
   * Who has to go from the node; empty when that does not help. The cluster is as before after.
   *
   * @param obstacles what stands against it, by how many nodes
   */
  private static Optional<Candidate> candidate(
      Profile profile,
      PodInfo pod,
      NodeInfo node,
      Cluster cluster,
      Map<String, Integer> obstacles) {
    List<PodInfo> lower =
        node.pods().stream()
            .filter(other -> other.priority() < pod.priority())
            .sorted(IMPORTANT_FIRST)
            .toList();
    if (lower.isEmpty()) {
      obstacles.merge(NO_VICTIMS, 1, Integer::sum);
      return Optional.empty();
    }
    Set<PodInfo> kept = keptByBudgets(lower, cluster);
    // Those that a budget keeps are spared first, then the important ones, while the pod still
    // fits.
    List<PodInfo> spared =
        Stream.concat(
                lower.stream().filter(kept::contains),
                lower.stream().filter(other -> !kept.contains(other)))
            .toList();
    List<PodInfo> victims = new ArrayList<>();
    lower.forEach(other -> cluster.removePod(other.key()));
    try {
      Diagnosis empty = new Diagnosis(1);
      if (!Fit.test(profile, pod, node, cluster, empty)) {
        victims.addAll(lower);
        empty.histogram().forEach((reason, count) -> obstacles.merge(reason, count, Integer::sum));
        return Optional.empty();
      }
      for (PodInfo other : spared) {
        cluster.put(other);
        if (!Fit.test(profile, pod, node, cluster, new Diagnosis(1))) {
          cluster.removePod(other.key());
          victims.add(other);
        }
      }
      return victims.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new Candidate(
                  node,
                  victims.stream().sorted(IMPORTANT_FIRST).toList(),
                  (int) victims.stream().filter(kept::contains).count()));
    } finally {
      victims.forEach(cluster::put);
    }
  }

  /** The pods, given from the most important on, with which some budget would be overdrawn. */
  private static Set<PodInfo> keptByBudgets(List<PodInfo> pods, Cluster cluster) {
    Set<PodInfo> kept = new HashSet<>();
    for (Budget budget : cluster.budgets()) {
      pods.stream().filter(budget::covers).skip(Math.max(0, budget.allowed())).forEach(kept::add);
    }
    return kept;
  }
}
