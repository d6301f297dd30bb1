package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.PreScorePlugin;
import dev.coxswain.scheduler.framework.ScorePlugin;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.Resources;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import java.util.List;

/** Likes nodes whose CPU and memory would be used up at the same pace. */
record NodeResourcesBalancedAllocation() implements PreScorePlugin, ScorePlugin {
  @Override
  public boolean preScore(CycleState state, PodInfo pod, Cluster cluster, List<NodeInfo> feasible) {
    // A pod that asks for nothing changes no balance.
    return pod.requests().milliCpu() > 0 || pod.requests().memory() > 0;
  }

  @Override
  public long score(CycleState state, PodInfo pod, NodeInfo node) {
    Resources all = node.spec().allocatable();
    if (all.milliCpu() == 0 || all.memory() == 0) {
      return 0;
    }
    double cpu = share(node.milliCpu() + pod.requests().milliCpu(), all.milliCpu());
    double memory = share(node.memory() + pod.requests().memory(), all.memory());
    double deviation = Math.abs(cpu - memory) / 2;
    return (long) ((1 - deviation) * MAX_SCORE);
  }

  private static double share(long used, long all) {
    return Math.min(1, (double) used / all);
  }
}
