package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateRunning;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.VolumeMountStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says in a {@code ContainerStatus} what is known of one container. */
final class ContainerStatuses {
  /** What all containers of a pod may say at their ends, which they share alike. */
  private static final int MESSAGE_BYTES = 12 * 1024;

  ContainerStatus write(
      PodView view,
      Member member,
      boolean initialized,
      Optional<Ending> ending,
      boolean stopped,
      Instant now) {
    List<ContainerView> named =
        view.named(member.name()).stream()
            .filter(one -> one.state() != ContainerView.State.CREATED)
            .toList();
    @Nullable ContainerStatus before = find(view.status(), member.name());
    ContainerStatus status = new ContainerStatus();
    status.setName(member.name());
    status.setImage(member.container().getImage());
    status.setImageID("");
    status.setReady(false);
    status.setStarted(member.kind() == ContainerKind.EPHEMERAL ? null : false);
    status.setRestartCount(before == null ? 0 : before.getRestartCount());
    status.setState(new ContainerState());
    status.setLastState(new ContainerState());
    status.setResources(Resizing.wanted(member.container()));
    if (member.container().getLifecycle() != null) {
      status.setStopSignal(member.container().getLifecycle().getStopSignal());
    }
    status.setAllocatedResources(Resizing.wanted(member.container()).getRequests());
    status.setVolumeMounts(
        mounts(
            member.container(),
            named.isEmpty() ? ContainerView.Setup.UNTOLD : named.getFirst().setup()));
    if (named.isEmpty()) {
      // What never had its turn is not lost: it goes on waiting for it.
      boolean waitsForInit = member.kind() != ContainerKind.EPHEMERAL && !initialized;
      if (stopped && !waitsForInit) {
        status.getState().setTerminated(neverRan());
      } else {
        status.getState().setWaiting(waiting(view, member, waitsForInit, now));
      }
      return status;
    }

    ContainerView newest = named.getFirst();
    @Nullable ResourceRequirements has = view.resources(newest);
    if (newest.alive() && has != null) {
      status.setResources(has);
    }
    status.setImageID(newest.imageId());
    if (!newest.image().isEmpty()) {
      status.setImage(newest.image());
    }
    status.setContainerID(containerId(newest));
    status.setUser(newest.setup().user());
    status.setRestartCount(newest.restarts());
    lastState(status, view, named, before);
    switch (newest.state()) {
      case RUNNING -> running(status, view, newest, member, ending);
      case CREATED, UNKNOWN -> {
        ContainerStateWaiting waiting = new ContainerStateWaiting();
        waiting.setReason("ContainerCreating");
        status.getState().setWaiting(waiting);
        if (before != null) {
          // Whether it runs is not known; what was known stays until it is.
          status.setState(before.getState());
          status.setReady(before.getReady());
          status.setStarted(before.getStarted());
        }
      }
      case EXITED -> exited(status, view, newest, member, ending, now);
    }
    return status;
  }

  /** What is read-only says whether all that is mounted below it is, too. */
  private static List<VolumeMountStatus> mounts(Container container, ContainerView.Setup setup) {
    return container.getVolumeMounts().stream()
        .map(mount -> {
          VolumeMountStatus status = new VolumeMountStatus();
          status.setName(mount.getName());
          status.setMountPath(mount.getMountPath());
          if (Boolean.TRUE.equals(mount.getReadOnly())) {
            String path = mount.getMountPath();
            String absolute = path.startsWith("/") ? path : "/" + path;
            boolean whole =
                "Enabled".equals(mount.getRecursiveReadOnly())
                    || setup.readOnlyRecursively().contains(absolute);
            status.setReadOnly(true);
            status.setRecursiveReadOnly(whole ? "Enabled" : "Disabled");
          }
          return status;
        })
        .toList();
  }

  private static void running(
      ContainerStatus status,
      PodView view,
      ContainerView newest,
      Member member,
      Optional<Ending> ending) {
    ContainerStateRunning running = new ContainerStateRunning();
    running.setStartedAt(
        StatusWriter.timestamp(
            newest.startedAt() == null ? newest.createdAt() : newest.startedAt()));
    status.getState().setRunning(running);
    Health health = view.health(newest);
    status.setStarted(health.started());
    boolean leaving = ending.isPresent() && PodDecider.terminal(view.status());
    status.setReady(health.started() && health.ready() && !leaving);
    if (member.kind() == ContainerKind.INIT) {
      status.setReady(false);
    }
    if (member.kind() == ContainerKind.EPHEMERAL) {
      // Nobody asks it, and nobody is sent to it.
      status.setReady(false);
      status.setStarted(null);
    }
  }

  private static void exited(
      ContainerStatus status,
      PodView view,
      ContainerView newest,
      Member member,
      Optional<Ending> ending,
      Instant now) {
    ContainerStateTerminated terminated = terminated(view, newest);
    boolean returns = ending.isEmpty() && Restarts.wanted(view, member, newest);
    @Nullable Failure failure = view.startFailures().get(member.name());
    Instant at = Restarts.at(view, newest);
    if (returns && now.isBefore(at)) {
      ContainerStateWaiting waiting = new ContainerStateWaiting();
      waiting.setReason("CrashLoopBackOff");
      waiting.setMessage(
          "back-off "
              + spell(newest.backoff())
              + " restarting failed container="
              + member.name()
              + " pod="
              + view.pod().getMetadata().getName()
              + "_"
              + view.pod().getMetadata().getNamespace()
              + "("
              + view.pod().getMetadata().getUid()
              + ")");
      status.getState().setWaiting(waiting);
      status.getLastState().setTerminated(terminated);
    } else if (returns && failure != null) {
      status.getState().setWaiting(waiting(failure, now));
      status.getLastState().setTerminated(terminated);
    } else {
      status.getState().setTerminated(terminated);
      boolean finishedInit = member.kind() == ContainerKind.INIT && newest.exitCode() == 0;
      status.setReady(finishedInit);
    }
  }

  private static void lastState(
      ContainerStatus status,
      PodView view,
      List<ContainerView> named,
      @Nullable ContainerStatus before) {
    Optional<ContainerView> previous =
        named.stream().skip(1).filter(ContainerView::exited).findFirst();
    if (previous.isPresent()) {
      status.getLastState().setTerminated(terminated(view, previous.get()));
    } else if (before != null
        && before.getRestartCount() == named.getFirst().restarts()
        && before.getLastState() != null
        && !named.getFirst().exited()) {
      status.setLastState(before.getLastState());
    }
  }

  private static ContainerStateWaiting waiting(
      PodView view, Member member, boolean waitsForInit, Instant now) {
    @Nullable Failure failure = view.startFailures().get(member.name());
    if (failure != null) {
      return waiting(failure, now);
    }
    ContainerStateWaiting waiting = new ContainerStateWaiting();
    boolean hasInit = !view.pod().getSpec().getInitContainers().isEmpty();
    waiting.setReason(waitsForInit || hasInit ? "PodInitializing" : "ContainerCreating");
    return waiting;
  }

  private static ContainerStateWaiting waiting(Failure failure, Instant now) {
    ContainerStateWaiting waiting = new ContainerStateWaiting();
    waiting.setReason(failure.shownReason(now));
    waiting.setMessage(failure.shownMessage(now));
    return waiting;
  }

  private static ContainerStateTerminated terminated(PodView pod, ContainerView view) {
    ContainerStateTerminated terminated = new ContainerStateTerminated();
    terminated.setExitCode(view.exitCode());
    String reason = view.reason();
    if (reason.isEmpty()) {
      reason = view.exitCode() == 0 ? "Completed" : "Error";
    }
    terminated.setReason(reason);
    if (!view.message().isEmpty()) {
      int most = MESSAGE_BYTES / Math.max(1, Member.of(pod.pod()).size());
      terminated.setMessage(cut(view.message(), most));
    }
    if (view.startedAt() != null) {
      terminated.setStartedAt(StatusWriter.timestamp(view.startedAt()));
    }
    terminated.setFinishedAt(StatusWriter.timestamp(view.ended()));
    terminated.setContainerID(containerId(view));
    return terminated;
  }

  private static String cut(String text, int most) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= most) {
      return text;
    }
    int end = most;
    while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
      end--; // Not within a character.
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  /** Upstream's words for a container of which nothing is left to see. */
  private static ContainerStateTerminated neverRan() {
    ContainerStateTerminated terminated = new ContainerStateTerminated();
    terminated.setExitCode(137);
    terminated.setReason("ContainerStatusUnknown");
    terminated.setMessage("The container could not be located when the pod was terminated");
    return terminated;
  }

  private static String containerId(ContainerView view) {
    return "containerd://" + view.id();
  }

  /** A duration as Go prints it: 10s, 2m40s. */
  private static String spell(Duration duration) {
    long minutes = duration.toMinutes();
    return minutes == 0
        ? duration.toSeconds() + "s"
        : minutes + "m" + duration.toSecondsPart() + "s";
  }

  static @Nullable ContainerStatus find(PodStatus status, String name) {
    return Stream.of(
            status.getInitContainerStatuses(),
            status.getContainerStatuses(),
            status.getEphemeralContainerStatuses())
        .flatMap(List::stream)
        .filter(one -> one.getName().equals(name))
        .findFirst()
        .orElse(null);
  }
}
