package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.framework.ClusterEvent;
import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.FilterPlugin;
import dev.coxswain.scheduler.framework.PreFilterPlugin;
import dev.coxswain.scheduler.framework.RequeuePlugin;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.NodeInfo;

/**
 * Keeps pods that claim devices waiting: nothing here allocates devices, and a pod must not run
 * without those that it was promised.
 */
record DynamicResources() implements PreFilterPlugin, FilterPlugin, RequeuePlugin {
  private static final Verdict UNALLOCATED = Verdict.unresolvable("cannot allocate all claims");

  @Override
  public Preparation preFilter(CycleState state, PodInfo pod, Cluster cluster) {
    return pod.devices() ? Preparation.PROCEED : Preparation.SKIP;
  }

  @Override
  public Verdict filter(CycleState state, PodInfo pod, NodeInfo node) {
    return UNALLOCATED;
  }

  @Override
  public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
    return false;
  }
}
