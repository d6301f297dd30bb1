package dev.coxswain.kubelet.cgroup;

import dev.coxswain.kubelet.pod.QosClass;
import dev.coxswain.proto.cri.LinuxContainerResources;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Requests and limits in the kernel's units, by upstream's rules.
 *
 * @param shares cgroup v1 CPU shares, 1024 for a whole CPU
 * @param quota microseconds of CPU in {@link #PERIOD}; 0 for no limit
 * @param memory bytes; 0 for no limit
 */
public record Amounts(long shares, long quota, long memory) {
  /** The CPU quota's period in microseconds. */
  public static final long PERIOD = 100_000;

  private static final long SHARES_PER_CPU = 1024;

  /** What who asks for no CPU gets of it. */
  static final long LEAST_SHARES = 2;

  private static final long MOST_SHARES = 262_144;
  private static final long LEAST_QUOTA = 1_000;
  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1000);

  private static final int GUARANTEED_OOM_SCORE = -997;
  private static final int BEST_EFFORT_OOM_SCORE = 1000;
  private static final String NODE_CRITICAL = "system-node-critical";
  private static final int LEAST_BURSTABLE_OOM_SCORE = 3;
  private static final int MOST_BURSTABLE_OOM_SCORE = 999;

  /** What one container gets; where it has no limit, it has that of its pod. */
  public static Amounts of(Pod pod, Container container) {
    @Nullable BigDecimal cpuRequest = request(container, "cpu");
    @Nullable BigDecimal cpuLimit = limit(pod, container, "cpu");
    @Nullable BigDecimal memoryLimit = limit(pod, container, "memory");
    return new Amounts(
        shares(cpuRequest == null ? cpuLimit : cpuRequest),
        quota(cpuLimit),
        memoryLimit == null ? 0 : memoryLimit.setScale(0, RoundingMode.CEILING).longValueExact());
  }

  /**
   * What all containers of a pod get together; a limit only if each of them has one. Init
   * containers run one after the other, so the largest counts, but those that stay are added. What
   * the pod says for itself comes before all that.
   */
  public static Amounts of(Pod pod) {
    Sum cpuRequest = Sum.of(pod, "cpu", false);
    Sum cpuLimit = Sum.of(pod, "cpu", true);
    Sum memoryLimit = Sum.of(pod, "memory", true);
    return new Amounts(
        shares(cpuRequest.amount()),
        cpuLimit.complete() ? quota(cpuLimit.amount()) : 0,
        memoryLimit.complete()
            ? memoryLimit.amount().setScale(0, RoundingMode.CEILING).longValueExact()
            : 0);
  }

  /** As CRI asks for it. */
  public LinuxContainerResources cri(int oomScore) {
    return LinuxContainerResources.newBuilder()
        .setCpuShares(shares)
        .setCpuPeriod(PERIOD)
        .setCpuQuota(quota)
        .setMemoryLimitInBytes(memory)
        .setOomScoreAdj(oomScore)
        .build();
  }

  /** Who is killed first when memory runs out: -997 the last, 1000 the first. */
  public static int oomScore(Pod pod, Container container, long memoryCapacity) {
    if (NODE_CRITICAL.equals(pod.getSpec().getPriorityClassName())) {
      return GUARANTEED_OOM_SCORE;
    }
    return switch (QosClass.of(pod.getSpec())) {
      case GUARANTEED -> GUARANTEED_OOM_SCORE;
      case BEST_EFFORT -> BEST_EFFORT_OOM_SCORE;
      case BURSTABLE -> {
        long asked = memory(container);
        if (isSidecar(pod, container)) {
          // It is not killed before those that it serves.
          asked =
              Math.max(
                  asked,
                  pod.getSpec().getContainers().stream()
                      .mapToLong(Amounts::memory)
                      .min()
                      .orElse(0));
        }
        long score = 1000 - 1000 * asked / Math.max(1, memoryCapacity);
        yield Math.clamp(score, LEAST_BURSTABLE_OOM_SCORE, MOST_BURSTABLE_OOM_SCORE);
      }
    };
  }

  private static boolean isSidecar(Pod pod, Container container) {
    return pod.getSpec().getInitContainers().stream()
        .anyMatch(one ->
            one.getName().equals(container.getName()) && "Always".equals(one.getRestartPolicy()));
  }

  private static long memory(Container container) {
    @Nullable BigDecimal request = request(container, "memory");
    return request == null ? 0 : request.longValue();
  }

  /** cgroup v2's counterpart of {@link #shares}: 2…262144 becomes 1…10000. */
  long weight() {
    return weight(shares);
  }

  static long weight(long shares) {
    long clamped = Math.clamp(shares, LEAST_SHARES, MOST_SHARES);
    return 1 + (clamped - LEAST_SHARES) * 9999 / (MOST_SHARES - LEAST_SHARES);
  }

  private static long shares(@Nullable BigDecimal cpus) {
    if (cpus == null || cpus.signum() == 0) {
      return LEAST_SHARES;
    }
    long millis = cpus.multiply(THOUSAND).setScale(0, RoundingMode.CEILING).longValue();
    return Math.clamp(millis * SHARES_PER_CPU / 1000, LEAST_SHARES, MOST_SHARES);
  }

  private static long quota(@Nullable BigDecimal cpus) {
    if (cpus == null || cpus.signum() == 0) {
      return 0;
    }
    long millis = cpus.multiply(THOUSAND).setScale(0, RoundingMode.CEILING).longValue();
    return Math.max(LEAST_QUOTA, millis * PERIOD / 1000);
  }

  private static @Nullable BigDecimal limit(Pod pod, Container container, String resource) {
    @Nullable BigDecimal own = limit(container, resource);
    return own == null ? whole(pod, resource, true) : own;
  }

  /** What the pod says for itself (KEP-2837). */
  private static @Nullable BigDecimal whole(Pod pod, String resource, boolean limits) {
    @Nullable ResourceRequirements whole = pod.getSpec().getResources();
    if (whole == null) {
      return null;
    }
    return amount(limits ? whole.getLimits() : whole.getRequests(), resource);
  }

  private static @Nullable BigDecimal request(Container container, String resource) {
    return container.getResources() == null
        ? null
        : amount(container.getResources().getRequests(), resource);
  }

  private static @Nullable BigDecimal limit(Container container, String resource) {
    return container.getResources() == null
        ? null
        : amount(container.getResources().getLimits(), resource);
  }

  private static @Nullable BigDecimal amount(
      @Nullable Map<String, Quantity> amounts, String resource) {
    Quantity quantity = amounts == null ? null : amounts.get(resource);
    return quantity == null ? null : Quantity.getAmountInBytes(quantity);
  }

  /**
   * A pod's amount of a resource.
   *
   * @param complete whether every container names one
   */
  private record Sum(BigDecimal amount, boolean complete) {
    static Sum of(Pod pod, String resource, boolean limits) {
      BigDecimal main = BigDecimal.ZERO;
      boolean complete = true;
      for (Container container : pod.getSpec().getContainers()) {
        @Nullable BigDecimal one = one(container, resource, limits);
        complete &= one != null;
        main = main.add(one == null ? BigDecimal.ZERO : one);
      }
      BigDecimal stays = BigDecimal.ZERO;
      BigDecimal largestInit = BigDecimal.ZERO;
      for (Container container : pod.getSpec().getInitContainers()) {
        @Nullable BigDecimal one = one(container, resource, limits);
        complete &= one != null;
        BigDecimal amount = one == null ? BigDecimal.ZERO : one;
        if ("Always".equals(container.getRestartPolicy())) {
          stays = stays.add(amount);
          largestInit = largestInit.max(stays);
        } else {
          largestInit = largestInit.max(stays.add(amount));
        }
      }
      @Nullable BigDecimal overhead = Amounts.amount(pod.getSpec().getOverhead(), resource);
      @Nullable BigDecimal whole = whole(pod, resource, limits);
      BigDecimal all = whole == null ? main.add(stays).max(largestInit) : whole;
      return new Sum(overhead == null ? all : all.add(overhead), complete || whole != null);
    }

    private static @Nullable BigDecimal one(Container container, String resource, boolean limits) {
      @Nullable BigDecimal limit = limit(container, resource);
      @Nullable BigDecimal request = request(container, resource);
      return limits || request == null ? limit : request;
    }
  }
}
