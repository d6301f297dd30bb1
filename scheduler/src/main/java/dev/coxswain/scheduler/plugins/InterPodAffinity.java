package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.framework.ClusterEvent;
import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.FilterPlugin;
import dev.coxswain.scheduler.framework.PreFilterPlugin;
import dev.coxswain.scheduler.framework.PreScorePlugin;
import dev.coxswain.scheduler.framework.RequeuePlugin;
import dev.coxswain.scheduler.framework.ScorePlugin;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.model.AffinityTerm;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import dev.coxswain.scheduler.snapshot.PodMatcher;
import dev.coxswain.scheduler.snapshot.SlotCounts;
import dev.coxswain.scheduler.snapshot.Topology;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings pods together and keeps them apart.
 *
 * @param hardPodAffinityWeight what it is worth to a pod on a node that another one comes near
 *     which it requires
 * @param ownWishesOnly whether pods that have no wishes are placed without regard to those that
 *     others have of them
 */
record InterPodAffinity(int hardPodAffinityWeight, boolean ownWishesOnly)
    implements PreFilterPlugin, FilterPlugin, PreScorePlugin, ScorePlugin, RequeuePlugin {
  private static final Verdict NOT_NEAR =
      Verdict.unresolvable("node(s) didn't match pod affinity rules");
  private static final Verdict TOO_NEAR =
      Verdict.unschedulable("node(s) didn't match pod anti-affinity rules");
  private static final Verdict OTHERS_OBJECT =
      Verdict.unschedulable("node(s) didn't satisfy existing pods anti-affinity rules");

  /** Domains of one topology. */
  private record Domains(Topology topology, BitSet numbers) {
    boolean contain(NodeInfo node) {
      int domain = topology.domain(node);
      return domain != Topology.NONE && numbers.get(domain);
    }
  }

  /**
   * What the filter needs.
   *
   * @param objected where pods are that will not have this one near
   * @param avoided where pods are that this one will not have near
   * @param wanted where pods are that this one requires, a topology for each term
   * @param first whether this pod is the first of those it requires itself
   */
  private record Places(
      List<Domains> objected, List<Domains> avoided, List<Domains> wanted, boolean first) {}

  /** What being in a domain is worth, for every topology that matters. */
  private record AllWorth(List<DomainSums> all) {}

  @Override
  public Preparation preFilter(CycleState state, PodInfo pod, Cluster cluster) {
    List<Domains> objected = new ArrayList<>();
    for (Map.Entry<AffinityTerm, SlotCounts> carried : cluster.far().all().entrySet()) {
      if (carried.getKey().matches(pod, cluster.namespaces())) {
        objected.add(domains(carried.getKey(), carried.getValue(), cluster));
      }
    }
    List<AffinityTerm> near = pod.wishes().near();
    List<AffinityTerm> far = pod.wishes().far();
    if (objected.isEmpty() && near.isEmpty() && far.isEmpty()) {
      return Preparation.SKIP;
    }
    List<Domains> avoided = new ArrayList<>();
    for (AffinityTerm term : far) {
      SlotCounts counts = cluster.count(new PodMatcher.Spoken(List.of(term)));
      avoided.add(domains(term, counts, cluster));
    }
    List<Domains> wanted = new ArrayList<>();
    boolean first = false;
    if (!near.isEmpty()) {
      // A pod counts for any term only if all terms speak of it.
      PodMatcher matcher = new PodMatcher.Spoken(near);
      SlotCounts counts = cluster.count(matcher);
      near.forEach(term -> wanted.add(domains(term, counts, cluster)));
      first =
          wanted.stream().allMatch(domains -> domains.numbers().isEmpty())
              && matcher.matches(pod, cluster.namespaces());
    }
    state.put(Places.class, new Places(objected, avoided, wanted, first));
    return Preparation.PROCEED;
  }

  private static Domains domains(AffinityTerm term, SlotCounts counts, Cluster cluster) {
    Topology topology = cluster.topology(term.topologyKey());
    BitSet numbers = new BitSet(topology.size());
    if (counts.total() > 0) {
      for (NodeInfo node : cluster.nodes()) {
        if (counts.at(node) > 0 && topology.domain(node) != Topology.NONE) {
          numbers.set(topology.domain(node));
        }
      }
    }
    return new Domains(topology, numbers);
  }

  @Override
  public Verdict filter(CycleState state, PodInfo pod, NodeInfo node) {
    Places places = state.get(Places.class);
    for (Domains domains : places.wanted()) {
      boolean there =
          places.first() ? domains.topology().domain(node) != Topology.NONE : domains.contain(node);
      if (!there) {
        return NOT_NEAR;
      }
    }
    for (Domains domains : places.avoided()) {
      if (domains.contain(node)) {
        return TOO_NEAR;
      }
    }
    for (Domains domains : places.objected()) {
      if (domains.contain(node)) {
        return OTHERS_OBJECT;
      }
    }
    return Verdict.PASS;
  }

  @Override
  public boolean preScore(CycleState state, PodInfo pod, Cluster cluster, List<NodeInfo> feasible) {
    if (ownWishesOnly && pod.wishes().rather().isEmpty() && pod.wishes().ratherNot().isEmpty()) {
      return false;
    }
    Map<String, DomainSums> worth = new HashMap<>();
    Map<String, Map<String, String>> namespaces = cluster.namespaces();
    for (AffinityTerm.Weighted wish : pod.wishes().rather()) {
      add(worth, wish.term(), spokenOf(wish.term(), cluster), wish.weight(), cluster);
    }
    for (AffinityTerm.Weighted wish : pod.wishes().ratherNot()) {
      add(worth, wish.term(), spokenOf(wish.term(), cluster), -wish.weight(), cluster);
    }
    cluster
        .rather()
        .all()
        .forEach((wish, counts) -> {
          if (wish.term().matches(pod, namespaces)) {
            add(worth, wish.term(), counts, wish.weight(), cluster);
          }
        });
    cluster
        .ratherNot()
        .all()
        .forEach((wish, counts) -> {
          if (wish.term().matches(pod, namespaces)) {
            add(worth, wish.term(), counts, -wish.weight(), cluster);
          }
        });
    cluster
        .near()
        .all()
        .forEach((term, counts) -> {
          if (hardPodAffinityWeight > 0 && term.matches(pod, namespaces)) {
            add(worth, term, counts, hardPodAffinityWeight, cluster);
          }
        });
    state.put(AllWorth.class, new AllWorth(List.copyOf(worth.values())));
    return !worth.isEmpty();
  }

  private static SlotCounts spokenOf(AffinityTerm term, Cluster cluster) {
    return cluster.count(new PodMatcher.Spoken(List.of(term)));
  }

  private static void add(
      Map<String, DomainSums> worth,
      AffinityTerm term,
      SlotCounts counts,
      long weight,
      Cluster cluster) {
    if (counts.total() == 0) {
      return;
    }
    DomainSums of =
        worth.computeIfAbsent(term.topologyKey(), key -> new DomainSums(cluster.topology(key)));
    for (NodeInfo node : cluster.nodes()) {
      of.add(node, weight * counts.at(node));
    }
  }

  @Override
  public long score(CycleState state, PodInfo pod, NodeInfo node) {
    long sum = 0;
    for (DomainSums worth : state.get(AllWorth.class).all()) {
      sum += worth.at(node);
    }
    return sum;
  }

  @Override
  public void normalize(CycleState state, PodInfo pod, List<NodeInfo> nodes, long[] scores) {
    long max = Long.MIN_VALUE;
    long min = Long.MAX_VALUE;
    for (long score : scores) {
      max = Math.max(max, score);
      min = Math.min(min, score);
    }
    long range = max - min;
    for (int index = 0; index < scores.length; index++) {
      scores[index] = range <= 0 ? 0 : MAX_SCORE * (scores[index] - min) / range;
    }
  }

  @Override
  public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.PodAssigned(PodInfo pod) -> concerns(waiting.wishes().near(), pod);
      case ClusterEvent.PodGone(PodInfo pod) -> isInTheWay(waiting, pod);
      case ClusterEvent.PodChanged changed ->
          !changed.before().labels().equals(changed.after().labels())
              && (isInTheWay(waiting, changed.before())
                  || concerns(waiting.wishes().near(), changed.after()));
      case ClusterEvent.NodeAdded added -> true;
      case ClusterEvent.NodeChanged changed ->
          !changed.before().labels().equals(changed.after().labels());
      case ClusterEvent.NamespaceChanged changed -> true;
      case ClusterEvent.TimePassed() -> true;
      case ClusterEvent.NodeGone gone -> false;
      case ClusterEvent.GroupChanged changed -> false;
      case ClusterEvent.StorageChanged changed -> false;
    };
  }

  /**
   * Whether the waiting pod and the other may have been kept apart; or the other be the only one of
   * those that the waiting one requires, who may be the first of its kind once that is gone.
   */
  private static boolean isInTheWay(PodInfo waiting, PodInfo other) {
    return concerns(waiting.wishes().far(), other)
        || concerns(other.wishes().far(), waiting)
        || concerns(waiting.wishes().near(), other);
  }

  /** Whether a term speaks of the pod, whichever its namespace. */
  private static boolean concerns(List<AffinityTerm> terms, PodInfo pod) {
    return terms.stream().anyMatch(term -> term.selector().matches(pod.labels()));
  }
}
