package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What of a status somebody may wait for: that something runs, is ready or no longer, has ended or
 * fails. The rest (that a pod was taken on, that it has its address and its containers are being
 * made, which generation was seen) soon comes again with such news.
 */
record Essence(
    String phase,
    @Nullable String reason,
    @Nullable String message,
    List<Finding> conditions,
    List<ContainerStatus> containers) {
  private static final Set<String> READY = Set.of("Ready", "ContainersReady");
  private static final Set<String> STEPS =
      Set.of("PodScheduled", "PodReadyToStartContainers", "Initialized");
  private static final Set<String> BEING_MADE = Set.of("ContainerCreating", "PodInitializing");

  /** A condition without its times. */
  record Finding(String type, String status, @Nullable String reason, @Nullable String message) {}

  static Essence of(PodStatus status) {
    return new Essence(
        status.getPhase() == null ? "Pending" : status.getPhase(),
        status.getReason(),
        status.getMessage(),
        status.getConditions().stream().map(Essence::finding).flatMap(Optional::stream).toList(),
        Stream.of(
                status.getInitContainerStatuses(),
                status.getContainerStatuses(),
                status.getEphemeralContainerStatuses())
            .flatMap(List::stream)
            .filter(container -> !isBeingMade(container))
            .toList());
  }

  private static Optional<Finding> finding(PodCondition condition) {
    String type = condition.getType();
    boolean met = "True".equals(condition.getStatus());
    // What others write they have told themselves; what is not ready was not before it was said.
    if (STEPS.contains(type) || !Conditions.isOwn(condition) || (READY.contains(type) && !met)) {
      return Optional.empty();
    }
    return Optional.of(
        new Finding(type, condition.getStatus(), condition.getReason(), condition.getMessage()));
  }

  /** Whether it is on its way for the first time; of a later one the end before is told. */
  private static boolean isBeingMade(ContainerStatus container) {
    @Nullable ContainerStateWaiting waiting =
        container.getState() == null ? null : container.getState().getWaiting();
    boolean first =
        container.getLastState() == null || container.getLastState().getTerminated() == null;
    return waiting != null
        && first
        && Objects.requireNonNullElse(container.getRestartCount(), 0) == 0
        && BEING_MADE.contains(waiting.getReason());
  }
}
