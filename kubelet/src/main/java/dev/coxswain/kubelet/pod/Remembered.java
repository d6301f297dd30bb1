package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.VolumeMountStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Containers that the runtime no longer has but of which the status tells: one that had run is an
 * ended container, not one that never was, or restart counts and restart policies would be
 * forgotten with it.
 */
final class Remembered {
  private static final int LOST_EXIT_CODE = 137;

  private Remembered() {}

  /** What the runtime shows, completed by what the status remembers. */
  static List<ContainerView> complete(
      Pod pod, PodStatus status, List<ContainerView> shown, Instant now) {
    List<ContainerView> all = new ArrayList<>(shown);
    for (Member member : Member.of(pod)) {
      if (shown.stream().noneMatch(one -> one.name().equals(member.name()))) {
        recall(status, member, now).ifPresent(all::add);
      }
    }
    return all;
  }

  private static Optional<ContainerView> recall(PodStatus status, Member member, Instant now) {
    @Nullable ContainerStatus before = ContainerStatuses.find(status, member.name());
    if (before == null || before.getContainerID() == null || before.getState() == null) {
      return Optional.empty();
    }
    String id = before.getContainerID().replaceFirst("^[a-z0-9-]+://", "");
    @Nullable ContainerStateTerminated end = end(before);
    if (end != null) {
      return Optional.of(
          view(
              id,
              member,
              before,
              instant(end.getStartedAt()),
              end.getFinishedAt() == null ? now : Instant.parse(end.getFinishedAt()),
              end.getExitCode() == null ? LOST_EXIT_CODE : end.getExitCode(),
              end.getReason() == null ? "" : end.getReason(),
              end.getMessage() == null ? "" : end.getMessage()));
    }
    if (before.getState().getRunning() != null) {
      return Optional.of(
          view(
              id,
              member,
              before,
              instant(before.getState().getRunning().getStartedAt()),
              now,
              LOST_EXIT_CODE,
              "ContainerStatusUnknown",
              "The container could not be located when the pod was deleted.  The container used to"
                  + " be Running"));
    }
    return Optional.empty();
  }

  private static @Nullable ContainerStateTerminated end(ContainerStatus before) {
    ContainerState state = before.getState();
    if (state.getTerminated() != null) {
      return state.getTerminated();
    }
    boolean waits = state.getWaiting() != null;
    return waits && before.getLastState() != null ? before.getLastState().getTerminated() : null;
  }

  private static ContainerView view(
      String id,
      Member member,
      ContainerStatus before,
      @Nullable Instant startedAt,
      Instant finishedAt,
      int exitCode,
      String reason,
      String message) {
    return new ContainerView(
        id,
        member.name(),
        "",
        before.getRestartCount(),
        ContainerView.State.EXITED,
        startedAt == null ? finishedAt : startedAt,
        startedAt,
        finishedAt,
        exitCode,
        reason,
        message,
        before.getImage() == null ? "" : before.getImage(),
        before.getImageID() == null ? "" : before.getImageID(),
        "",
        Duration.ZERO,
        null,
        setup(before));
  }

  private static ContainerView.Setup setup(ContainerStatus before) {
    Set<String> readOnly =
        before.getVolumeMounts().stream()
            .filter(mount -> "Enabled".equals(mount.getRecursiveReadOnly()))
            .map(VolumeMountStatus::getMountPath)
            .collect(Collectors.toUnmodifiableSet());
    return new ContainerView.Setup(readOnly, before.getUser());
  }

  private static @Nullable Instant instant(@Nullable String timestamp) {
    return timestamp == null ? null : Instant.parse(timestamp);
  }
}
