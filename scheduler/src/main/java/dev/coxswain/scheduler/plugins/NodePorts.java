package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.framework.ClusterEvent;
import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.FilterPlugin;
import dev.coxswain.scheduler.framework.PreFilterPlugin;
import dev.coxswain.scheduler.framework.RequeuePlugin;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.model.HostPort;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.NodeInfo;

/** Keeps pods that want the same port of a node apart. */
record NodePorts() implements PreFilterPlugin, FilterPlugin, RequeuePlugin {
  private static final Verdict TAKEN =
      Verdict.unschedulable("node(s) didn't have free ports for the requested pod ports");

  @Override
  public Preparation preFilter(CycleState state, PodInfo pod, Cluster cluster) {
    return pod.hostPorts().isEmpty() ? Preparation.SKIP : Preparation.PROCEED;
  }

  @Override
  public Verdict filter(CycleState state, PodInfo pod, NodeInfo node) {
    for (HostPort wanted : pod.hostPorts()) {
      for (HostPort taken : node.ports()) {
        if (wanted.conflicts(taken)) {
          return TAKEN;
        }
      }
    }
    return Verdict.PASS;
  }

  @Override
  public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.PodGone gone -> !gone.pod().hostPorts().isEmpty();
      case ClusterEvent.NodeAdded added -> true;
      case ClusterEvent.TimePassed() -> true;
      case ClusterEvent.NodeGone gone -> false;
      case ClusterEvent.NodeChanged changed -> false;
      case ClusterEvent.PodAssigned assigned -> false;
      case ClusterEvent.PodChanged changed -> false;
      case ClusterEvent.NamespaceChanged changed -> false;
      case ClusterEvent.GroupChanged changed -> false;
      case ClusterEvent.StorageChanged changed -> false;
    };
  }
}
