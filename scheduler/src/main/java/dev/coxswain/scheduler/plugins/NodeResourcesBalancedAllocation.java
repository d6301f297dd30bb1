package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.PreScorePlugin;
import dev.coxswain.scheduler.framework.ScorePlugin;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.Resources;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import java.util.List;

/**
 * Likes nodes whose resources would be used up at the same pace.
 *
 * @param resources which; CPU and memory unless configured
 */
record NodeResourcesBalancedAllocation(List<String> resources)
    implements PreScorePlugin, ScorePlugin {
  /** Upstream's default. */
  static final List<String> CPU_AND_MEMORY = List.of("cpu", "memory");

  NodeResourcesBalancedAllocation {
    resources = List.copyOf(resources);
  }

  @Override
  public boolean preScore(CycleState state, PodInfo pod, Cluster cluster, List<NodeInfo> feasible) {
    // A pod that asks for nothing changes no balance.
    return resources.stream().anyMatch(resource -> pod.requests().amount(resource) > 0);
  }

  @Override
  public long score(CycleState state, PodInfo pod, NodeInfo node) {
    Resources all = node.spec().allocatable();
    double[] shares = new double[resources.size()];
    int counted = 0;
    double sum = 0;
    for (String resource : resources) {
      long wanted = pod.requests().amount(resource);
      if (all.amount(resource) > 0 && (wanted > 0 || everybodyUses(resource))) {
        double share = (double) (node.requested(resource) + wanted) / all.amount(resource);
        shares[counted] = Math.min(1, share);
        sum += shares[counted];
        counted++;
      }
    }
    return (long) ((1 - deviation(shares, counted, sum)) * MAX_SCORE);
  }

  private static double deviation(double[] shares, int counted, double sum) {
    if (counted < 2) {
      return 0;
    }
    if (counted == 2) {
      return Math.abs(shares[0] - shares[1]) / 2;
    }
    double squares = 0;
    for (int index = 0; index < counted; index++) {
      double deviation = shares[index] - sum / counted;
      squares += deviation * deviation;
    }
    return Math.sqrt(squares / counted);
  }

  private static boolean everybodyUses(String resource) {
    return switch (resource) {
      case "cpu", "memory", "ephemeral-storage" -> true;
      default -> false;
    };
  }
}
