package dev.coxswain.kubelet.worker;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.kubelet.container.ContainerConfigs;
import dev.coxswain.kubelet.container.Hooks;
import dev.coxswain.kubelet.container.StopSignals;
import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.cri.CriLabels;
import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.env.PodFields;
import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.kubelet.image.ImageException;
import dev.coxswain.kubelet.image.ImageManager;
import dev.coxswain.kubelet.log.ContainerLogs;
import dev.coxswain.kubelet.pod.Failure;
import dev.coxswain.kubelet.pod.Member;
import dev.coxswain.kubelet.pod.PodAction;
import dev.coxswain.kubelet.pod.PodDecider;
import dev.coxswain.kubelet.pod.SandboxView;
import dev.coxswain.kubelet.sandbox.SandboxConfigs;
import dev.coxswain.proto.cri.Container;
import dev.coxswain.proto.cri.ContainerConfig;
import dev.coxswain.proto.cri.ContainerFilter;
import dev.coxswain.proto.cri.ContainerState;
import dev.coxswain.proto.cri.ContainerStateValue;
import dev.coxswain.proto.cri.Image;
import dev.coxswain.proto.cri.PodSandboxConfig;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Starts and stops single containers. */
final class ContainerActions {
  private static final Duration RETRY = Duration.ofSeconds(10);

  /** After its hook a container gets at least this long to end by itself, as upstream has it. */
  private static final Duration LEAST_GRACE = Duration.ofSeconds(2);

  /** A postStart hook has no limit of its own; a hung one must not hang the pod for ever. */
  private static final Duration LONGEST_POST_START = Duration.ofMinutes(15);

  private final ContainerRuntime runtime;
  private final ImageManager images;
  private final SandboxConfigs sandboxes;
  private final ContainerConfigs configs;
  private final Hooks hooks;
  private final ContainerLogs logs;
  private final NodeFacts facts;
  private final PodEvents events;
  private final Time time;

  ContainerActions(PodActions.Parts parts, ContainerConfigs configs) {
    this.runtime = parts.runtime();
    this.images = parts.images();
    this.sandboxes = parts.sandboxes();
    this.facts = parts.facts();
    this.events = parts.events();
    this.time = parts.time();
    this.logs = new ContainerLogs(parts.paths());
    this.configs = configs;
    this.hooks = new Hooks(runtime, events, time);
  }

  Optional<Failure> start(Pod pod, PodAction.StartContainer start, List<SandboxView> seen)
      throws InterruptedException {
    Member member = Member.find(pod, start.name()).orElseThrow();
    SandboxView sandbox =
        seen.stream().filter(one -> one.id().equals(start.sandboxId())).findFirst().orElseThrow();
    Instant began = time.now();
    try {
      PodSandboxConfig sandboxConfig = sandboxes.of(pod, sandbox.attempt());
      Image image = images.ensure(pod, ImageManager.Wanted.of(member.container()), sandboxConfig);
      Map<String, Image> mounted = mountedImages(pod, member, sandboxConfig);
      ContainerConfig config =
          configs.of(
              fields(pod, sandbox),
              member,
              image,
              new ContainerConfigs.Attempt(
                  start.restarts(), start.backoff(), target(pod, member), mounted));
      return create(pod, member, sandbox, config, sandboxConfig);
    } catch (ImageException failure) {
      if (!failure.failedAt().isBefore(began)) {
        events.warning(pod, member.name(), "Failed", "Error: " + failure.reason());
      }
      return Optional.of(
          new Failure(
              failure.reason(),
              String.valueOf(failure.getMessage()),
              failure.reference(),
              failure.failedAt(),
              failure.retryAt(),
              failure.lookAt()));
    } catch (ConfigException | ApiException | IOException failure) {
      return failed(
          pod, member, "CreateContainerConfigError", String.valueOf(failure.getMessage()), RETRY);
    }
  }

  /** The images that the container mounts, by volume. */
  private Map<String, Image> mountedImages(Pod pod, Member member, PodSandboxConfig sandbox)
      throws ImageException, InterruptedException {
    Set<String> names =
        member.container().getVolumeMounts().stream()
            .map(VolumeMount::getName)
            .collect(Collectors.toUnmodifiableSet());
    Map<String, Image> mounted = new HashMap<>();
    for (Volume volume : pod.getSpec().getVolumes()) {
      if (volume.getImage() != null && names.contains(volume.getName())) {
        mounted.put(
            volume.getName(),
            images.ensure(
                pod,
                new ImageManager.Wanted(
                    member.name(),
                    volume.getImage().getReference(),
                    volume.getImage().getPullPolicy()),
                sandbox));
      }
    }
    return mounted;
  }

  private Optional<Failure> create(
      Pod pod,
      Member member,
      SandboxView sandbox,
      ContainerConfig config,
      PodSandboxConfig sandboxConfig)
      throws InterruptedException {
    String id;
    try {
      id = runtime.createContainer(sandbox.id(), config, sandboxConfig);
    } catch (CriException failure) {
      return failed(
          pod, member, "CreateContainerError", String.valueOf(failure.getMessage()), RETRY);
    }
    events.normal(pod, member.name(), "Created", "Created container: " + member.name());
    try {
      runtime.startContainer(id);
    } catch (CriException failure) {
      // The runtime shows it as ended from here on, so its back-off is that of a restart.
      return failed(
          pod, member, "RunContainerError", String.valueOf(failure.getMessage()), Duration.ZERO);
    }
    events.normal(pod, member.name(), "Started", "Started container " + member.name());
    logs.show(PodActions.owner(pod, member.name(), config.getMetadata().getAttempt(), id));
    return postStart(pod, member, sandbox, id);
  }

  private Optional<Failure> postStart(Pod pod, Member member, SandboxView sandbox, String id)
      throws InterruptedException {
    Optional<String> failure =
        hooks.postStart(
            new Hooks.Subject(pod, member.container(), id, address(sandbox)), LONGEST_POST_START);
    if (failure.isEmpty()) {
      return Optional.empty();
    }
    // It runs, whatever its hook came to: it is stopped like any other, preStop hook and all.
    stop(
        pod,
        new PodAction.StopContainer(
            id,
            member.name(),
            PodDecider.grace(pod),
            "FailedPostStartHook",
            true,
            PodAction.Successor.BY_POLICY),
        List.of(sandbox));
    Instant now = time.now();
    return Optional.of(new Failure("PostStartHookError", failure.get(), now, now));
  }

  void resize(Pod pod, PodAction.Resize.Target target) {
    Member member = Member.find(pod, target.name()).orElseThrow();
    runtime.updateContainerResources(target.id(), configs.resources(pod, member.container()));
  }

  void stop(Pod pod, PodAction.StopContainer stop, List<SandboxView> seen)
      throws InterruptedException {
    events.normal(pod, stop.name(), "Killing", stop.message());
    long began = time.nanos();
    if (stop.hook() && stop.grace().isPositive()) {
      preStop(pod, stop.id(), stop.name(), stop.grace(), seen);
    }
    Duration left = stop.grace().minusNanos(time.nanos() - began);
    Duration least = stop.grace().isZero() ? Duration.ZERO : LEAST_GRACE;
    end(Member.find(pod, stop.name()), stop.id(), left.compareTo(least) < 0 ? least : left);
  }

  /** Runs a container's preStop hook, if it has one, to its end or for as long as it may take. */
  void preStop(Pod pod, String id, String name, Duration limit, List<SandboxView> seen)
      throws InterruptedException {
    Optional<Member> member = Member.find(pod, name);
    if (member.isPresent()) {
      String address =
          seen.stream().filter(SandboxView::ready).map(this::address).findFirst().orElse("");
      hooks.preStop(new Hooks.Subject(pod, member.get().container(), id, address), limit);
    }
  }

  private void end(Optional<Member> member, String id, Duration grace) {
    OptionalInt signal =
        member.map(Member::container).map(StopSignals::of).orElse(OptionalInt.empty());
    if (signal.isPresent() && grace.isPositive()) {
      runtime.stopContainer(id, signal.getAsInt(), grace);
    } else {
      runtime.stopContainer(id, grace);
    }
  }

  private PodFields fields(Pod pod, SandboxView sandbox) {
    boolean host = Boolean.TRUE.equals(pod.getSpec().getHostNetwork());
    return new PodFields(
        pod,
        facts.address(),
        host ? List.of(facts.address()) : sandbox.addresses(),
        facts.allocatable());
  }

  /**
   * The running container that an ephemeral one looks into; null where it wants none.
   *
   * @throws ConfigException where it does not run: alone the new one would be of no use
   */
  private @Nullable String target(Pod pod, Member member) throws ConfigException {
    if (member.target() == null || member.target().isEmpty()) {
      return null;
    }
    ContainerFilter filter =
        ContainerFilter.newBuilder()
            .putLabelSelector(CriLabels.POD_UID, pod.getMetadata().getUid())
            .putLabelSelector(CriLabels.CONTAINER_NAME, member.target())
            .setState(ContainerStateValue.newBuilder().setState(ContainerState.CONTAINER_RUNNING))
            .build();
    return runtime.listContainers(filter).stream()
        .map(Container::getId)
        .findFirst()
        .orElseThrow(
            () -> new ConfigException("unable to find target container " + member.target()));
  }

  private String address(SandboxView sandbox) {
    return sandbox.addresses().isEmpty() ? facts.address() : sandbox.addresses().getFirst();
  }

  private Optional<Failure> failed(
      Pod pod, Member member, String reason, String message, Duration rest) {
    events.warning(pod, member.name(), "Failed", "Error: " + message);
    Instant now = time.now();
    return Optional.of(new Failure(reason, message, now, now.plus(rest)));
  }
}
