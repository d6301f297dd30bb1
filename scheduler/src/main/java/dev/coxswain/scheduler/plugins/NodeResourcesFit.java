package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.framework.ClusterEvent;
import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.FilterPlugin;
import dev.coxswain.scheduler.framework.RequeuePlugin;
import dev.coxswain.scheduler.framework.ScorePlugin;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.model.NodeSpec;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.Resources;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Fits what a pod requests into what its node has left, and likes nodes by how much that is.
 *
 * @param strategy which nodes are liked
 * @param weights the resources that are looked at for that, and how much each counts
 * @param ignored extended resources that need not fit, and whole groups of them: others see to them
 */
record NodeResourcesFit(Strategy strategy, Map<String, Integer> weights, Set<String> ignored)
    implements FilterPlugin, ScorePlugin, RequeuePlugin {
  /** Upstream's default. */
  static final Map<String, Integer> CPU_AND_MEMORY = Map.of("cpu", 1, "memory", 1);

  NodeResourcesFit {
    weights = Map.copyOf(weights);
    ignored = Set.copyOf(ignored);
  }

  /** {@code scoringStrategy}. */
  sealed interface Strategy {
    /** Likes what is left. */
    record LeastAllocated() implements Strategy {}

    /** Likes what is in use. */
    record MostAllocated() implements Strategy {}

    /**
     * Likes what a curve says.
     *
     * @param shape its points, from left to right; straight lines join them
     */
    record RequestedToCapacityRatio(List<Point> shape) implements Strategy {
      public RequestedToCapacityRatio {
        shape = List.copyOf(shape);
      }

      long at(long utilization) {
        for (int index = 0; index < shape.size(); index++) {
          Point point = shape.get(index);
          if (utilization <= point.utilization()) {
            return index == 0 ? point.score() : shape.get(index - 1).to(point, utilization);
          }
        }
        return shape.getLast().score();
      }
    }
  }

  /** What a share in use, in percent, is worth, from 0 to {@link #MAX_SCORE}. */
  record Point(long utilization, long score) {
    private long to(Point next, long at) {
      return score + (next.score - score) * (at - utilization) / (next.utilization - utilization);
    }
  }

  private static final String TOO_MANY_PODS = "Too many pods";
  private static final long UNASKED = -1;

  /** Percent. */
  private static final long FULL = 100;

  @Override
  public Verdict filter(CycleState state, PodInfo pod, NodeInfo node) {
    NodeSpec spec = node.spec();
    Resources wanted = pod.requests();
    Resources all = spec.allocatable();
    if (node.pods().size() < spec.maxPods()
        && fits(wanted.milliCpu(), node.milliCpu(), all.milliCpu())
        && fits(wanted.memory(), node.memory(), all.memory())
        && fits(wanted.ephemeralStorage(), node.ephemeralStorage(), all.ephemeralStorage())
        && wanted.extended().isEmpty()) {
      return Verdict.PASS;
    }
    List<String> reasons = new ArrayList<>();
    boolean resolvable = true;
    if (node.pods().size() >= spec.maxPods()) {
      reasons.add(TOO_MANY_PODS);
    }
    resolvable &= check("cpu", wanted.milliCpu(), node.milliCpu(), all.milliCpu(), reasons);
    resolvable &= check("memory", wanted.memory(), node.memory(), all.memory(), reasons);
    resolvable &=
        check(
            "ephemeral-storage",
            wanted.ephemeralStorage(),
            node.ephemeralStorage(),
            all.ephemeralStorage(),
            reasons);
    for (Map.Entry<String, Long> resource : wanted.extended().entrySet()) {
      String name = resource.getKey();
      if (isIgnored(name)) {
        continue;
      }
      long has = all.extended().getOrDefault(name, 0L);
      resolvable &= check(name, resource.getValue(), node.extended(name), has, reasons);
    }
    return reasons.isEmpty() ? Verdict.PASS : new Verdict.Rejected(resolvable, reasons);
  }

  private boolean isIgnored(String resource) {
    int slash = resource.indexOf('/');
    return slash > 0
        && (ignored.contains(resource) || ignored.contains(resource.substring(0, slash)));
  }

  private static boolean fits(long wanted, long used, long all) {
    return wanted == 0 || wanted <= all - used;
  }

  /** Adds a reason if it does not fit; false if it would not even fit on the empty node. */
  private static boolean check(
      String resource, long wanted, long used, long all, List<String> reasons) {
    if (fits(wanted, used, all)) {
      return true;
    }
    reasons.add("Insufficient " + resource);
    return wanted <= all;
  }

  @Override
  public long score(CycleState state, PodInfo pod, NodeInfo node) {
    long weighed = 0;
    long sum = 0;
    boolean curve = strategy instanceof Strategy.RequestedToCapacityRatio;
    for (Map.Entry<String, Integer> weight : weights.entrySet()) {
      long all = node.spec().allocatable().amount(weight.getKey());
      long used = used(weight.getKey(), pod, node);
      if (all > 0 && used != UNASKED) {
        long share = share(used, all);
        // As upstream: what the curve says nothing for does not count at all.
        if (!curve || share > 0) {
          sum += weight.getValue() * share;
          weighed += weight.getValue();
        }
      }
    }
    if (weighed == 0) {
      return 0;
    }
    return curve ? Math.round((double) sum / weighed) : sum / weighed;
  }

  /** What would be used with the pod there; what is no matter to pods that do not ask for it. */
  private static long used(String resource, PodInfo pod, NodeInfo node) {
    return switch (resource) {
      case "cpu" -> node.weightMilliCpu() + pod.weight().milliCpu();
      case "memory" -> node.weightMemory() + pod.weight().memory();
      case "ephemeral-storage" -> node.ephemeralStorage() + pod.requests().ephemeralStorage();
      default -> {
        long wanted = pod.requests().extended().getOrDefault(resource, 0L);
        yield wanted == 0 ? UNASKED : node.extended(resource) + wanted;
      }
    };
  }

  private long share(long used, long all) {
    return switch (strategy) {
      case Strategy.LeastAllocated() -> used > all ? 0 : (all - used) * MAX_SCORE / all;
      case Strategy.MostAllocated() -> Math.min(used, all) * MAX_SCORE / all;
      case Strategy.RequestedToCapacityRatio ratio ->
          ratio.at(used > all ? FULL : used * FULL / all);
    };
  }

  @Override
  public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.PodGone gone -> true;
      case ClusterEvent.PodChanged changed ->
          !changed.before().requests().equals(changed.after().requests());
      case ClusterEvent.NodeAdded added -> couldHold(added.node(), waiting);
      case ClusterEvent.NodeChanged changed ->
          couldHold(changed.after(), waiting)
              && (!changed.before().allocatable().equals(changed.after().allocatable())
                  || changed.before().maxPods() != changed.after().maxPods());
      case ClusterEvent.TimePassed() -> true;
      case ClusterEvent.NodeGone gone -> false;
      case ClusterEvent.PodAssigned assigned -> false;
      case ClusterEvent.NamespaceChanged changed -> false;
      case ClusterEvent.GroupChanged changed -> false;
      case ClusterEvent.StorageChanged changed -> false;
    };
  }

  private static boolean couldHold(NodeSpec node, PodInfo pod) {
    Resources wanted = pod.requests();
    Resources all = node.allocatable();
    return node.maxPods() > 0
        && wanted.milliCpu() <= all.milliCpu()
        && wanted.memory() <= all.memory()
        && wanted.ephemeralStorage() <= all.ephemeralStorage();
  }
}
