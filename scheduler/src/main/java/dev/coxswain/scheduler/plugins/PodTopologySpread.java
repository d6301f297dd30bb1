package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.framework.ClusterEvent;
import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.FilterPlugin;
import dev.coxswain.scheduler.framework.PreFilterPlugin;
import dev.coxswain.scheduler.framework.PreScorePlugin;
import dev.coxswain.scheduler.framework.RequeuePlugin;
import dev.coxswain.scheduler.framework.ScorePlugin;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.SpreadConstraint;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import dev.coxswain.scheduler.snapshot.PodMatcher;
import dev.coxswain.scheduler.snapshot.SlotCounts;
import dev.coxswain.scheduler.snapshot.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Spreads pods of a kind over domains.
 *
 * @param defaults how softly pods without constraints of their own are spread with the others of
 *     their controller
 */
record PodTopologySpread(List<Default> defaults)
    implements PreFilterPlugin, FilterPlugin, PreScorePlugin, ScorePlugin, RequeuePlugin {
  /** A domain's label, and by how many pods domains may differ before that counts. */
  record Default(String topologyKey, int maxSkew) {}

  /** Upstream's system defaults: over nodes, and over zones. */
  static final List<Default> SYSTEM =
      List.of(
          new Default("kubernetes.io/hostname", 3), new Default("topology.kubernetes.io/zone", 5));

  PodTopologySpread {
    defaults = List.copyOf(defaults);
  }

  private static final Verdict SKEWED =
      Verdict.unschedulable("node(s) didn't match pod topology spread constraints");
  private static final Verdict UNLABELLED =
      Verdict.unresolvable(
          "node(s) didn't match pod topology spread constraints (missing required label)");

  /**
   * A strict constraint.
   *
   * @param pods how many pods each domain has
   * @param least how many the emptiest domain has
   * @param self 1 if the pod itself counts
   */
  private record Strict(SpreadConstraint constraint, DomainSums pods, long least, int self) {}

  private record AllStrict(List<Strict> all) {}

  /** A soft constraint: pods by domain and how much one counts. */
  private record Soft(DomainSums pods, double weight, int maxSkew) {}

  private record AllSoft(List<Soft> all, boolean lenient) {}

  @Override
  public Preparation preFilter(CycleState state, PodInfo pod, Cluster cluster) {
    List<SpreadConstraint> constraints =
        pod.wishes().spread().stream().filter(SpreadConstraint::required).toList();
    if (constraints.isEmpty()) {
      return Preparation.SKIP;
    }
    List<Topology> topologies = topologies(constraints, cluster);
    List<Strict> all = new ArrayList<>();
    for (int index = 0; index < constraints.size(); index++) {
      all.add(strict(pod, constraints.get(index), topologies.get(index), topologies, cluster));
    }
    state.put(AllStrict.class, new AllStrict(all));
    return Preparation.PROCEED;
  }

  private static List<Topology> topologies(List<SpreadConstraint> constraints, Cluster cluster) {
    return constraints.stream().map(one -> cluster.topology(one.topologyKey())).toList();
  }

  private static Strict strict(
      PodInfo pod,
      SpreadConstraint constraint,
      Topology topology,
      List<Topology> all,
      Cluster cluster) {
    SlotCounts counts = cluster.count(matcher(pod, constraint));
    DomainSums pods = new DomainSums(topology);
    for (NodeInfo node : cluster.nodes()) {
      if (eligible(pod, constraint, node, all)) {
        pods.add(node, counts.at(node));
      }
    }
    return new Strict(
        constraint,
        pods,
        pods.domains() < constraint.minDomains() ? 0 : pods.least(),
        constraint.selector().matches(pod.labels()) ? 1 : 0);
  }

  private static PodMatcher matcher(PodInfo pod, SpreadConstraint constraint) {
    return new PodMatcher.Selected(pod.key().namespace(), constraint.selector());
  }

  /** Whether a node's domain is one that the pod could be in at all. */
  private static boolean eligible(
      PodInfo pod, SpreadConstraint constraint, NodeInfo node, List<Topology> all) {
    return isInAll(all, node)
        && (!constraint.honorNodeAffinity() || pod.wishes().select(node.spec()))
        && (!constraint.honorNodeTaints() || pod.wishes().tolerate(node.spec()));
  }

  private static boolean isInAll(List<Topology> topologies, NodeInfo node) {
    for (Topology topology : topologies) {
      if (topology.domain(node) == Topology.NONE) {
        return false;
      }
    }
    return true;
  }

  @Override
  public Verdict filter(CycleState state, PodInfo pod, NodeInfo node) {
    for (Strict strict : state.get(AllStrict.class).all()) {
      if (!strict.pods().has(node)) {
        return UNLABELLED;
      }
      if (strict.pods().at(node) + strict.self() - strict.least() > strict.constraint().maxSkew()) {
        return SKEWED;
      }
    }
    return Verdict.PASS;
  }

  @Override
  public boolean preScore(CycleState state, PodInfo pod, Cluster cluster, List<NodeInfo> feasible) {
    List<Soft> all = new ArrayList<>();
    boolean byDefault = pod.wishes().spread().isEmpty();
    // Only upstream's own defaults are for clusters whose nodes lack the labels, too.
    boolean lenient = byDefault && defaults.equals(SYSTEM);
    if (byDefault) {
      if (pod.owner().isEmpty()) {
        return false;
      }
      PodMatcher siblings = new PodMatcher.Owned(pod.owner());
      List<Topology> topologies =
          lenient
              ? List.of()
              : defaults.stream().map(one -> cluster.topology(one.topologyKey())).toList();
      List<NodeInfo> choice = feasible.stream().filter(node -> isInAll(topologies, node)).toList();
      Predicate<NodeInfo> counted =
          node -> isInAll(topologies, node) && pod.wishes().select(node.spec());
      defaults.forEach(one ->
          all.add(soft(one.topologyKey(), one.maxSkew(), siblings, counted, cluster, choice)));
    } else {
      List<SpreadConstraint> constraints =
          pod.wishes().spread().stream().filter(constraint -> !constraint.required()).toList();
      List<Topology> topologies = topologies(constraints, cluster);
      List<NodeInfo> choice = feasible.stream().filter(node -> isInAll(topologies, node)).toList();
      for (SpreadConstraint constraint : constraints) {
        all.add(
            soft(
                constraint.topologyKey(),
                constraint.maxSkew(),
                matcher(pod, constraint),
                node -> eligible(pod, constraint, node, topologies),
                cluster,
                choice));
      }
    }
    state.put(AllSoft.class, new AllSoft(all, lenient));
    return !all.isEmpty();
  }

  private static Soft soft(
      String key,
      int maxSkew,
      PodMatcher matcher,
      Predicate<NodeInfo> counted,
      Cluster cluster,
      List<NodeInfo> choice) {
    Topology topology = cluster.topology(key);
    SlotCounts counts = cluster.count(matcher);
    DomainSums pods = new DomainSums(topology);
    for (NodeInfo node : cluster.nodes()) {
      if (counts.at(node) > 0 && counted.test(node)) {
        pods.add(node, counts.at(node));
      }
    }
    DomainSums domains = new DomainSums(topology);
    choice.forEach(node -> domains.add(node, 1));
    // Upstream's weight: a pod more matters more where there are more domains to choose from.
    return new Soft(pods, Math.log(domains.domains() + 2.0), maxSkew);
  }

  @Override
  public long score(CycleState state, PodInfo pod, NodeInfo node) {
    AllSoft soft = state.get(AllSoft.class);
    double sum = 0;
    for (Soft one : soft.all()) {
      if (one.pods().has(node)) {
        sum += one.pods().at(node) * one.weight() + (one.maxSkew() - 1);
      } else if (!soft.lenient()) {
        return IGNORED;
      }
    }
    return Math.round(sum);
  }

  /** A node without a constraint's label is the worst choice. */
  private static final long IGNORED = -1;

  @Override
  public void normalize(CycleState state, PodInfo pod, List<NodeInfo> nodes, long[] scores) {
    long max = 0;
    long min = Long.MAX_VALUE;
    for (long score : scores) {
      if (score != IGNORED) {
        max = Math.max(max, score);
        min = Math.min(min, score);
      }
    }
    for (int index = 0; index < scores.length; index++) {
      if (scores[index] == IGNORED) {
        scores[index] = 0;
      } else if (max == 0) {
        scores[index] = MAX_SCORE;
      } else {
        scores[index] = MAX_SCORE * (max + min - scores[index]) / max;
      }
    }
  }

  @Override
  public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
    return switch (event) {
      // One more in the emptiest domain allows one more elsewhere.
      case ClusterEvent.PodAssigned(PodInfo pod) -> counts(waiting, pod);
      case ClusterEvent.PodGone(PodInfo pod) -> counts(waiting, pod);
      case ClusterEvent.PodChanged changed ->
          counts(waiting, changed.before()) != counts(waiting, changed.after())
              || changed.after().state() != changed.before().state();
      case ClusterEvent.NodeAdded added -> true;
      case ClusterEvent.NodeChanged changed ->
          !changed.before().labels().equals(changed.after().labels())
              || !changed.before().taints().equals(changed.after().taints());
      case ClusterEvent.TimePassed() -> true;
      case ClusterEvent.NodeGone gone -> true;
      case ClusterEvent.NamespaceChanged changed -> false;
      case ClusterEvent.GroupChanged changed -> false;
      case ClusterEvent.StorageChanged changed -> false;
    };
  }

  /** Whether the other is one of those among which the waiting pod is to be spread. */
  private static boolean counts(PodInfo waiting, PodInfo other) {
    return waiting.key().namespace().equals(other.key().namespace())
        && waiting.wishes().spread().stream()
            .anyMatch(constraint ->
                constraint.required() && constraint.selector().matches(other.labels()));
  }
}
