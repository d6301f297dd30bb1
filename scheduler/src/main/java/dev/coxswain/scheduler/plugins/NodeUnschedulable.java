package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.framework.ClusterEvent;
import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.FilterPlugin;
import dev.coxswain.scheduler.framework.RequeuePlugin;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.Taint;
import dev.coxswain.scheduler.model.Toleration;
import dev.coxswain.scheduler.snapshot.NodeInfo;

/** Leaves cordoned nodes alone, but for pods that tolerate that. */
record NodeUnschedulable() implements FilterPlugin, RequeuePlugin {
  private static final Verdict CORDONED = Verdict.unresolvable("node(s) were unschedulable");

  @Override
  public Verdict filter(CycleState state, PodInfo pod, NodeInfo node) {
    return node.spec().unschedulable()
            && !Toleration.anyTolerates(pod.wishes().tolerations(), Taint.UNSCHEDULABLE)
        ? CORDONED
        : Verdict.PASS;
  }

  @Override
  public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.NodeAdded added -> !added.node().unschedulable();
      case ClusterEvent.NodeChanged changed ->
          changed.before().unschedulable() && !changed.after().unschedulable();
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
