package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.cri.CriLabels;
import dev.coxswain.kubelet.pod.ContainerView;
import dev.coxswain.kubelet.pod.SandboxView;
import dev.coxswain.proto.cri.Container;
import dev.coxswain.proto.cri.ContainerFilter;
import dev.coxswain.proto.cri.ContainerState;
import dev.coxswain.proto.cri.ContainerStatus;
import dev.coxswain.proto.cri.Mount;
import dev.coxswain.proto.cri.PodIP;
import dev.coxswain.proto.cri.PodSandbox;
import dev.coxswain.proto.cri.PodSandboxFilter;
import dev.coxswain.proto.cri.PodSandboxState;
import dev.coxswain.proto.cri.PodSandboxStatus;
import io.fabric8.kubernetes.api.model.ContainerUser;
import io.fabric8.kubernetes.api.model.LinuxContainerUser;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads what the runtime has of one pod. Details that cannot change any more (an ended container's)
 * or that change only with the state (a sandbox's addresses) are asked for once; but for the end of
 * a log, which the runtime may write after it has said that the container ended. Owned by one
 * thread.
 */
final class PodObserver {
  /** How often a log is read again for a message that may not have been written to its end. */
  private static final int LOOKS_AT_LOGS = 5;

  private static final JsonMapper JSON = new JsonMapper();

  private final ContainerRuntime runtime;
  private final TerminationMessages messages;
  private final String uid;
  private final Map<String, ContainerView> containers = new HashMap<>();
  private final Map<String, SandboxView> sandboxes = new HashMap<>();

  /** Of ended containers whose messages come from their logs, by their ids. */
  private final Map<String, LateLog> lateLogs = new HashMap<>();

  private record LateLog(TerminationMessages.Message message, Path file, int looks) {}

  PodObserver(ContainerRuntime runtime, TerminationMessages messages, String uid) {
    this.runtime = runtime;
    this.messages = messages;
    this.uid = uid;
  }

  /**
   * What there is, at one moment as near as CRI allows.
   *
   * @param states by the ids of sandboxes and containers, as {@link Relist} has them
   * @param late whether a message may come that the runtime will not tell of: to be looked at again
   */
  record Observation(
      List<SandboxView> sandboxes,
      List<ContainerView> containers,
      Map<String, Integer> states,
      boolean late) {
    static final Observation NOTHING = new Observation(List.of(), List.of(), Map.of(), false);
  }

  /**
   * Asks the runtime.
   *
   * @throws CriException when it does not answer
   */
  Observation observe() {
    Map<String, String> selector = Map.of(CriLabels.POD_UID, uid);
    Map<String, Integer> states = new HashMap<>();
    List<SandboxView> foundSandboxes = new ArrayList<>();
    for (PodSandbox one :
        runtime.listPodSandboxes(
            PodSandboxFilter.newBuilder().putAllLabelSelector(selector).build())) {
      states.put(one.getId(), one.getStateValue());
      look(one).ifPresent(foundSandboxes::add);
    }
    List<ContainerView> foundContainers = new ArrayList<>();
    for (Container one :
        runtime.listContainers(
            ContainerFilter.newBuilder().putAllLabelSelector(selector).build())) {
      states.put(one.getId(), one.getStateValue());
      look(one).ifPresent(foundContainers::add);
    }
    sandboxes.keySet().retainAll(foundSandboxes.stream().map(SandboxView::id).toList());
    containers.keySet().retainAll(foundContainers.stream().map(ContainerView::id).toList());
    lateLogs.keySet().retainAll(containers.keySet());
    boolean late = lateLogs.values().stream().anyMatch(log -> log.looks() < LOOKS_AT_LOGS);
    return new Observation(foundSandboxes, foundContainers, states, late);
  }

  private Optional<SandboxView> look(PodSandbox listed) {
    boolean ready = listed.getState() == PodSandboxState.SANDBOX_READY;
    @Nullable SandboxView known = sandboxes.get(listed.getId());
    if (known != null && known.ready() == ready) {
      return Optional.of(known);
    }
    try {
      PodSandboxStatus status = runtime.podSandboxStatus(listed.getId());
      SandboxView view =
          new SandboxView(
              status.getId(),
              status.getMetadata().getAttempt(),
              status.getState() == PodSandboxState.SANDBOX_READY,
              instant(status.getCreatedAt()),
              addresses(status));
      sandboxes.put(view.id(), view);
      return Optional.of(view);
    } catch (CriException failure) {
      return absent(failure);
    }
  }

  private Optional<ContainerView> look(Container listed) {
    @Nullable ContainerView known = containers.get(listed.getId());
    if (known != null && known.state() == state(listed.getState())) {
      return Optional.of(upToDate(known));
    }
    try {
      ContainerView view = view(listed, runtime.containerStatus(listed.getId()));
      containers.put(view.id(), view);
      return Optional.of(view);
    } catch (CriException failure) {
      return absent(failure);
    }
  }

  private ContainerView upToDate(ContainerView known) {
    @Nullable LateLog log = lateLogs.get(known.id());
    if (log == null) {
      return known;
    }
    lateLogs.put(known.id(), new LateLog(log.message(), log.file(), log.looks() + 1));
    String end = messages.endOf(log.file());
    String message = log.message().saying(end).text();
    if (end.isEmpty() || message.equals(known.message())) {
      return known;
    }
    ContainerView view = known.saying(message);
    containers.put(view.id(), view);
    return view;
  }

  private String message(ContainerStatus status) {
    TerminationMessages.Message message = messages.of(status);
    message.log().ifPresent(log -> lateLogs.put(status.getId(), new LateLog(message, log, 0)));
    return message.text();
  }

  /** What vanished between the list and the look is not there; any other failure is one. */
  private static <T> Optional<T> absent(CriException failure) {
    if (failure.isNotFound()) {
      return Optional.empty();
    }
    throw failure;
  }

  private ContainerView view(Container listed, ContainerStatus status) {
    Map<String, String> annotations = status.getAnnotationsMap();
    ContainerView.State state =
        neverRan(status) ? ContainerView.State.CREATED : state(status.getState());
    return new ContainerView(
        status.getId(),
        status
            .getLabelsMap()
            .getOrDefault(CriLabels.CONTAINER_NAME, status.getMetadata().getName()),
        listed.getPodSandboxId(),
        number(annotations.get(CriLabels.RESTART_COUNT), status.getMetadata().getAttempt()),
        state,
        instant(status.getCreatedAt()),
        nullableInstant(status.getStartedAt()),
        nullableInstant(status.getFinishedAt()),
        status.getExitCode(),
        status.getReason(),
        state == ContainerView.State.EXITED ? message(status) : "",
        userImage(status),
        status.getImageRef(),
        annotations.getOrDefault(CriLabels.CONTAINER_HASH, ""),
        Duration.ofSeconds(number(annotations.get(CriLabels.BACKOFF_SECONDS), 0)),
        resources(annotations.get(CriLabels.RESOURCES)),
        setup(status));
  }

  private static ContainerView.Setup setup(ContainerStatus status) {
    Set<String> readOnly =
        status.getMountsList().stream()
            .filter(Mount::getRecursiveReadOnly)
            .map(Mount::getContainerPath)
            .collect(Collectors.toUnmodifiableSet());
    return new ContainerView.Setup(readOnly, status.hasUser() ? user(status.getUser()) : null);
  }

  private static ContainerUser user(dev.coxswain.proto.cri.ContainerUser told) {
    return told.hasLinux()
        ? new ContainerUser(
            new LinuxContainerUser(
                told.getLinux().getGid(),
                List.copyOf(told.getLinux().getSupplementalGroupsList()),
                told.getLinux().getUid()))
        : new ContainerUser();
  }

  /**
   * Whether the start was broken off because whoever asked for it died: containerd calls such a
   * container ended, but it never had a process. Where it was about to start the container's shim
   * it kills that, and tells of the signal. One whose process was there already may have begun its
   * work before containerd killed it, which nothing tells afterwards: like any start that failed,
   * it has ended, as upstream's kubelet has it too, or a pod that never restarts could run twice.
   */
  static boolean neverRan(ContainerStatus status) {
    return status.getStartedAt() == 0
        && status.getReason().equals("StartError")
        && status.getMessage().startsWith("failed to create containerd task")
        && (status.getMessage().contains("context canceled")
            || status
                .getMessage()
                .contains("failed to start shim: start failed: : signal: killed"));
  }

  private static @Nullable ResourceRequirements resources(@Nullable String json) {
    try {
      return json == null ? null : JSON.readValue(json, ResourceRequirements.class);
    } catch (JacksonException malformed) {
      return null;
    }
  }

  private static String userImage(ContainerStatus status) {
    String user = status.getImage().getUserSpecifiedImage();
    String image = user.isEmpty() ? status.getImage().getImage() : user;
    return image.startsWith("sha256:") ? "" : image;
  }

  private static ContainerView.State state(ContainerState state) {
    return switch (state) {
      case CONTAINER_CREATED -> ContainerView.State.CREATED;
      case CONTAINER_RUNNING -> ContainerView.State.RUNNING;
      case CONTAINER_EXITED -> ContainerView.State.EXITED;
      case CONTAINER_UNKNOWN, UNRECOGNIZED -> ContainerView.State.UNKNOWN;
    };
  }

  private static List<String> addresses(PodSandboxStatus status) {
    List<String> addresses = new ArrayList<>();
    if (!status.getNetwork().getIp().isEmpty()) {
      addresses.add(status.getNetwork().getIp());
    }
    status.getNetwork().getAdditionalIpsList().stream().map(PodIP::getIp).forEach(addresses::add);
    return addresses;
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(0, nanos);
  }

  private static @Nullable Instant nullableInstant(long nanos) {
    return nanos == 0 ? null : instant(nanos);
  }

  private static int number(@Nullable String text, int otherwise) {
    try {
      return text == null ? otherwise : Integer.parseInt(text);
    } catch (NumberFormatException malformed) {
      return otherwise;
    }
  }
}
