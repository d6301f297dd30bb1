package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.framework.ClusterEvent;
import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.FilterPlugin;
import dev.coxswain.scheduler.framework.RequeuePlugin;
import dev.coxswain.scheduler.framework.ScorePlugin;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.Taint;
import dev.coxswain.scheduler.model.Toleration;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import java.util.List;

/**
 * Keeps pods from nodes whose taints they do not tolerate; likes nodes with fewer of the soft ones.
 */
record TaintToleration() implements FilterPlugin, ScorePlugin, RequeuePlugin {
  /** As upstream since 1.34.2: what nodes are tainted with is not for everybody's eyes. */
  private static final Verdict UNTOLERATED =
      Verdict.unresolvable("node(s) had untolerated taint(s)");

  @Override
  public Verdict filter(CycleState state, PodInfo pod, NodeInfo node) {
    for (Taint taint : node.spec().taints()) {
      if (taint.repels() && !Toleration.anyTolerates(pod.wishes().tolerations(), taint)) {
        return UNTOLERATED;
      }
    }
    return Verdict.PASS;
  }

  @Override
  public long score(CycleState state, PodInfo pod, NodeInfo node) {
    long intolerable = 0;
    for (Taint taint : node.spec().taints()) {
      if (taint.disliked() && !Toleration.anyTolerates(pod.wishes().tolerations(), taint)) {
        intolerable++;
      }
    }
    return intolerable;
  }

  @Override
  public void normalize(CycleState state, PodInfo pod, List<NodeInfo> nodes, long[] scores) {
    ScorePlugin.scale(scores, true);
  }

  @Override
  public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.NodeAdded added -> waiting.wishes().tolerate(added.node());
      case ClusterEvent.NodeChanged changed ->
          !waiting.wishes().tolerate(changed.before())
              && waiting.wishes().tolerate(changed.after());
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
}
