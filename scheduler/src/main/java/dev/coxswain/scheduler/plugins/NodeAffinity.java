package dev.coxswain.scheduler.plugins;

import dev.coxswain.api.selector.Requirement;
import dev.coxswain.scheduler.framework.ClusterEvent;
import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.FilterPlugin;
import dev.coxswain.scheduler.framework.PreFilterPlugin;
import dev.coxswain.scheduler.framework.PreScorePlugin;
import dev.coxswain.scheduler.framework.RequeuePlugin;
import dev.coxswain.scheduler.framework.ScorePlugin;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.model.NodeAffinity.Preferred;
import dev.coxswain.scheduler.model.NodeAffinity.Term;
import dev.coxswain.scheduler.model.NodeSpec;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Node selector and node affinity.
 *
 * @param added what all pods ask for besides; configured
 */
record NodeAffinity(dev.coxswain.scheduler.model.NodeAffinity added)
    implements PreFilterPlugin, FilterPlugin, PreScorePlugin, ScorePlugin, RequeuePlugin {
  private static final Verdict MISMATCH =
      Verdict.unresolvable("node(s) didn't match Pod's node affinity/selector");

  private static final Verdict ENFORCED =
      Verdict.unresolvable("node(s) didn't match scheduler-enforced node affinity");

  private static final Preparation CONFLICT =
      new Preparation.Rejected(List.of("pod affinity terms conflict"));

  @Override
  public Preparation preFilter(CycleState state, PodInfo pod, Cluster cluster) {
    var affinity = pod.wishes().nodeAffinity();
    if (!affinity.required()) {
      return pod.wishes().nodeSelector().isEmpty() && !added.required()
          ? Preparation.SKIP
          : Preparation.PROCEED;
    }
    // Where every alternative names its nodes (as a DaemonSet's pods do), no other needs a look.
    Set<String> named = new HashSet<>();
    for (Term term : affinity.requiredTerms()) {
      Optional<Set<String>> names = names(term);
      if (names.isEmpty()) {
        return Preparation.PROCEED;
      }
      named.addAll(names.get());
    }
    if (affinity.requiredTerms().isEmpty()) {
      return Preparation.PROCEED;
    }
    return named.isEmpty() ? CONFLICT : new Preparation.Only(named);
  }

  /** The nodes that a term names; empty where it leaves the name open. */
  private static Optional<Set<String>> names(Term term) {
    return term.names().stream()
        .filter(requirement -> requirement.operator() == Requirement.Operator.IN)
        .<Set<String>>map(requirement -> new HashSet<>(requirement.values()))
        .reduce((one, another) -> {
          // All of a term's conditions have to hold.
          one.retainAll(another);
          return one;
        });
  }

  @Override
  public Verdict filter(CycleState state, PodInfo pod, NodeInfo node) {
    if (!added.allows(node.spec())) {
      return ENFORCED;
    }
    return pod.wishes().select(node.spec()) ? Verdict.PASS : MISMATCH;
  }

  @Override
  public boolean preScore(CycleState state, PodInfo pod, Cluster cluster, List<NodeInfo> feasible) {
    return !pod.wishes().nodeAffinity().preferred().isEmpty() || !added.preferred().isEmpty();
  }

  @Override
  public long score(CycleState state, PodInfo pod, NodeInfo node) {
    return worth(pod.wishes().nodeAffinity().preferred(), node) + worth(added.preferred(), node);
  }

  private static long worth(List<Preferred> wishes, NodeInfo node) {
    long sum = 0;
    for (Preferred preferred : wishes) {
      if (preferred.term().matches(node.spec())) {
        sum += preferred.weight();
      }
    }
    return sum;
  }

  @Override
  public void normalize(CycleState state, PodInfo pod, List<NodeInfo> nodes, long[] scores) {
    ScorePlugin.scale(scores, false);
  }

  @Override
  public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.NodeAdded(NodeSpec node) -> admits(waiting, node);
      case ClusterEvent.NodeChanged changed ->
          !admits(waiting, changed.before()) && admits(waiting, changed.after());
      case ClusterEvent.TimePassed() -> true;
      case ClusterEvent.NodeGone gone -> false;
      case ClusterEvent.PodAssigned assigned -> false;
      case ClusterEvent.PodChanged changed -> false;
      case ClusterEvent.PodGone gone -> false;
      case ClusterEvent.NamespaceChanged changed -> false;
      case ClusterEvent.GroupChanged changed -> false;
      case ClusterEvent.StorageChanged changed -> false;
    };
  }

  private boolean admits(PodInfo pod, NodeSpec node) {
    return added.allows(node) && pod.wishes().select(node);
  }
}
