package dev.coxswain.controllers.object;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a pod's state says to a controller. */
public final class Pods {
  private Pods() {}

  /** {@code status.phase}; a pod without one is pending. */
  public static String phase(Pod pod) {
    PodStatus status = pod.getStatus();
    return status == null || status.getPhase() == null ? "Pending" : status.getPhase();
  }

  /** Whether all its containers ended and none will start again. */
  public static boolean finished(Pod pod) {
    return failed(pod) || succeeded(pod);
  }

  /** Whether it ended in failure. */
  public static boolean failed(Pod pod) {
    return phase(pod).equals("Failed");
  }

  /** Whether it ended well. */
  public static boolean succeeded(Pod pod) {
    return phase(pod).equals("Succeeded");
  }

  /** Whether it counts as one of its controller's pods: neither finished nor going. */
  public static boolean active(Pod pod) {
    return !finished(pod) && !Meta.deleting(pod);
  }

  /** The name of its node; empty while it is unassigned. */
  public static String node(Pod pod) {
    PodSpec spec = pod.getSpec();
    return spec == null ? "" : Meta.text(spec.getNodeName());
  }

  /** Its addresses, the primary one first. */
  public static List<String> addresses(Pod pod) {
    PodStatus status = pod.getStatus();
    if (status == null) {
      return List.of();
    }
    List<String> all = Meta.list(status.getPodIPs()).stream().map(ip -> ip.getIp()).toList();
    if (!all.isEmpty()) {
      return all;
    }
    return Meta.text(status.getPodIP()).isEmpty() ? List.of() : List.of(status.getPodIP());
  }

  /** A condition of its status. */
  public static Optional<PodCondition> condition(Pod pod, String type) {
    PodStatus status = pod.getStatus();
    return status == null
        ? Optional.empty()
        : Meta.list(status.getConditions()).stream()
            .filter(condition -> type.equals(condition.getType()))
            .findFirst();
  }

  /** Whether its Ready condition is true. */
  public static boolean ready(Pod pod) {
    return condition(pod, "Ready").filter(ready -> "True".equals(ready.getStatus())).isPresent();
  }

  /** Since when it is ready; empty while it is not. */
  public static Optional<Instant> readySince(Pod pod) {
    return condition(pod, "Ready")
        .filter(ready -> "True".equals(ready.getStatus()))
        .map(ready -> Meta.time(ready.getLastTransitionTime()).orElse(Instant.EPOCH));
  }

  /** Whether it has been ready for at least {@code minReadySeconds}. */
  public static boolean available(Pod pod, int minReadySeconds, Instant now) {
    return untilAvailable(pod, minReadySeconds, now).filter(Duration::isZero).isPresent();
  }

  /**
   * How long until it is available if it stays ready: zero when it is, empty when it is not ready.
   */
  public static Optional<Duration> untilAvailable(Pod pod, int minReadySeconds, Instant now) {
    return readySince(pod)
        .map(since -> Duration.between(now, since.plusSeconds(minReadySeconds)))
        .map(left -> minReadySeconds == 0 || left.isNegative() ? Duration.ZERO : left);
  }

  /** The most restarts that one of its containers has had, sidecars apart from the others. */
  static Restarts restarts(Pod pod) {
    PodStatus status = pod.getStatus();
    if (status == null) {
      return new Restarts(0, 0);
    }
    int regular =
        Meta.list(status.getContainerStatuses()).stream()
            .mapToInt(container -> Meta.number(container.getRestartCount(), 0))
            .max()
            .orElse(0);
    int sidecars =
        Meta.list(status.getInitContainerStatuses()).stream()
            .filter(container -> sidecar(pod, container.getName()))
            .mapToInt(container -> Meta.number(container.getRestartCount(), 0))
            .max()
            .orElse(0);
    return new Restarts(regular, sidecars);
  }

  private static boolean sidecar(Pod pod, String container) {
    return Meta.list(pod.getSpec().getInitContainers()).stream()
        .anyMatch(
            init -> init.getName().equals(container) && "Always".equals(init.getRestartPolicy()));
  }

  record Restarts(int regular, int sidecars) {}
}
