package dev.coxswain.kubelet.pressure;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.quota.PodRequests;
import dev.coxswain.kubelet.admission.Critical;
import dev.coxswain.kubelet.usage.ContainerUse;
import dev.coxswain.kubelet.usage.PodUse;
import dev.coxswain.kubelet.usage.TreeSize;
import io.fabric8.kubernetes.api.model.Container;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Who is ended first, and with which words: those that use more than they asked for, among them
 * those of lower priority, among them those that exceed it by most. Critical pods never. Pure.
 */
final class Ranking {
  private final Signal signal;
  private final boolean oneFileSystem;

  /**
   * A ranking.
   *
   * @param oneFileSystem whether images lie on the node's own file system
   */
  Ranking(Signal signal, boolean oneFileSystem) {
    this.signal = signal;
    this.oneFileSystem = oneFileSystem;
  }

  List<PodUse> of(List<PodUse> pods) {
    record Ranked(PodUse pod, long excess, boolean exceeds, int priority) {}
    return pods.stream()
        .filter(pod -> !Critical.is(pod.pod()))
        .map(pod -> {
          long excess = use(pod) - request(pod);
          return new Ranked(pod, excess, excess > 0, Critical.priority(pod.pod()));
        })
        .sorted(
            Comparator.comparing((Ranked one) -> signal != Signal.PID_AVAILABLE && !one.exceeds())
                .thenComparingInt(Ranked::priority)
                .thenComparing(Comparator.comparingLong(Ranked::excess).reversed()))
        .map(Ranked::pod)
        .toList();
  }

  /** Why the pod is ended; the blank at the end is upstream's. */
  String message(PodUse pod, Threshold threshold, Reading reading) {
    StringBuilder message =
        new StringBuilder("The node was low on resource: ")
            .append(signal.resource())
            .append(". Threshold quantity: ")
            .append(spell(threshold.amount().of(reading.capacity())))
            .append(", available: ")
            .append(spell(reading.available()))
            .append(". ");
    for (Container container : pod.pod().getSpec().getContainers()) {
      for (ContainerUse use : pod.containers()) {
        if (use.name().equals(container.getName())) {
          describe(container, use, message);
        }
      }
    }
    return message.toString();
  }

  private void describe(Container container, ContainerUse use, StringBuilder message) {
    long used =
        switch (signal.pressure()) {
          case MEMORY -> use.memory();
          case DISK -> signal.resource().equals("inodes") ? 0 : use.storage();
          case PROCESSES -> 0;
        };
    Quantity request = containerRequest(container);
    if (used > request.rounded()) {
      message
          .append("Container ")
          .append(container.getName())
          .append(" was using ")
          .append(Quantity.ofBytes(used))
          .append(", request is ")
          .append(request)
          .append(", has larger consumption of ")
          .append(signal.resource())
          .append(". ");
    }
  }

  private String spell(long amount) {
    boolean bytes = signal.pressure() != Pressure.PROCESSES && !signal.resource().equals("inodes");
    return (bytes ? Quantity.ofBytes(amount) : Quantity.of(amount)).toString();
  }

  private Quantity containerRequest(Container container) {
    Map<String, io.fabric8.kubernetes.api.model.Quantity> requests =
        container.getResources() == null ? null : container.getResources().getRequests();
    io.fabric8.kubernetes.api.model.Quantity request =
        requests == null ? null : requests.get(signal.resource());
    return request == null ? Quantity.ZERO : Quantity.parse(request.toString());
  }

  private long request(PodUse pod) {
    return PodRequests.of(Json.mapper().valueToTree(pod.pod()), "requests")
        .getOrDefault(signal.resource(), Quantity.ZERO)
        .rounded();
  }

  private long use(PodUse pod) {
    return switch (signal) {
      case MEMORY_AVAILABLE -> pod.memory();
      case NODEFS_AVAILABLE -> onNode(pod).bytes();
      case NODEFS_INODES_FREE -> onNode(pod).inodes();
      case IMAGEFS_AVAILABLE -> onImages(pod).bytes();
      case IMAGEFS_INODES_FREE -> onImages(pod).inodes();
      case PID_AVAILABLE -> pod.processes();
    };
  }

  private TreeSize onNode(PodUse pod) {
    return oneFileSystem ? pod.local().plus(pod.roots()) : pod.local();
  }

  private TreeSize onImages(PodUse pod) {
    return oneFileSystem ? onNode(pod) : pod.roots();
  }
}
