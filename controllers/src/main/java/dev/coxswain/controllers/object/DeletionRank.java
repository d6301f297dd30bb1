package dev.coxswain.controllers.object;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which pods a controller deletes first when it has too many, in upstream's order: the unassigned,
 * the not yet running, the unready, the cheap by annotation, those on nodes with many of their kin,
 * the newly ready, the often restarted, the young. Ages are compared by order of magnitude, so that
 * which of many pods of about the same age goes is left to chance, which the uid stands for.
 */
public final class DeletionRank {
  /** Annotation: a whole number; the lower, the sooner deleted. */
  public static final String COST = "controller.kubernetes.io/pod-deletion-cost";

  private DeletionRank() {}

  /**
   * The order of deletion.
   *
   * @param kinByNode how many pods of the same family are active on each node
   */
  public static Comparator<Pod> order(Map<String, Integer> kinByNode, Instant now) {
    return Comparator.comparing((Pod pod) -> !Pods.node(pod).isEmpty())
        .thenComparingInt(pod -> phaseRank(Pods.phase(pod)))
        .thenComparing(Pods::ready)
        .thenComparingInt(DeletionRank::cost)
        .thenComparing(pod -> kinByNode.getOrDefault(Pods.node(pod), 0), Comparator.reverseOrder())
        .thenComparing((one, other) -> byReadiness(one, other, now))
        .thenComparing(pod -> Pods.restarts(pod).regular(), Comparator.reverseOrder())
        .thenComparing(pod -> Pods.restarts(pod).sidecars(), Comparator.reverseOrder())
        .thenComparingInt(pod -> magnitude(Meta.created(pod), now))
        .thenComparing(Meta::uid);
  }

  /** The first pods to go. */
  public static List<Pod> first(
      int count, List<Pod> pods, Map<String, Integer> kinByNode, Instant now) {
    return pods.stream().sorted(order(kinByNode, now)).limit(count).toList();
  }

  private static int byReadiness(Pod one, Pod other, Instant now) {
    Optional<Instant> oneReady = Pods.readySince(one);
    Optional<Instant> otherReady = Pods.readySince(other);
    return oneReady.isEmpty() || otherReady.isEmpty()
        ? 0
        : Integer.compare(magnitude(oneReady.get(), now), magnitude(otherReady.get(), now));
  }

  private static int phaseRank(String phase) {
    return switch (phase) {
      case "Pending" -> 0;
      case "Unknown" -> 1;
      default -> 2;
    };
  }

  private static int cost(Pod pod) {
    try {
      return Integer.parseInt(Meta.annotations(pod).getOrDefault(COST, "0"));
    } catch (NumberFormatException notNumber) {
      return 0;
    }
  }

  /** The age's power of two in nanoseconds; 0 for the newborn. */
  private static int magnitude(Instant since, Instant now) {
    long seconds = Math.clamp(Duration.between(since, now).toSeconds(), 0, Integer.MAX_VALUE);
    long nanos = Duration.ofSeconds(seconds).toNanos();
    return nanos <= 0 ? 0 : 63 - Long.numberOfLeadingZeros(nanos);
  }
}
