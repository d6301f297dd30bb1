package dev.coxswain.kubelet.container;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.kubelet.probe.HttpCheck;
import dev.coxswain.kubelet.probe.Ports;
import dev.coxswain.proto.cri.ExecSyncResponse;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Lifecycle;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs postStart and preStop hooks to their ends or until a limit. That one failed is told in an
 * event, but not why: what a hook says may hold secrets, and more may read events than pods.
 */
public final class Hooks {
  private static final Logger LOG = LoggerFactory.getLogger(Hooks.class);

  private final ContainerRuntime runtime;
  private final PodEvents events;
  private final Time time;

  /** Runs hooks in containers of this runtime. */
  public Hooks(ContainerRuntime runtime, PodEvents events, Time time) {
    this.runtime = runtime;
    this.events = events;
    this.time = time;
  }

  /**
   * A container in whose life something happens.
   *
   * @param podAddress where http hooks go that name no host; empty for the node's own network
   */
  public record Subject(Pod pod, Container container, String id, String podAddress) {}

  /** Runs the container's postStart hook, if it has one; why it failed, in upstream's words. */
  public Optional<String> postStart(Subject subject, Duration limit) throws InterruptedException {
    Lifecycle lifecycle = subject.container().getLifecycle();
    return run(lifecycle == null ? null : lifecycle.getPostStart(), subject, "PostStart", limit);
  }

  /** Runs the container's preStop hook, if it has one. */
  public void preStop(Subject subject, Duration limit) throws InterruptedException {
    Lifecycle lifecycle = subject.container().getLifecycle();
    run(lifecycle == null ? null : lifecycle.getPreStop(), subject, "PreStop", limit);
  }

  private Optional<String> run(
      @Nullable LifecycleHandler hook, Subject subject, String which, Duration limit)
      throws InterruptedException {
    if (hook == null) {
      return Optional.empty();
    }
    Container container = subject.container();
    Optional<String> failure = run(hook, container, subject.id(), subject.podAddress(), limit);
    if (failure.isPresent()) {
      LOG.warn(
          "The {} hook of container {} of pod {}/{} failed: {}",
          which,
          container.getName(),
          subject.pod().getMetadata().getNamespace(),
          subject.pod().getMetadata().getName(),
          failure.get());
      events.warning(
          subject.pod(), container.getName(), "Failed" + which + "Hook", which + "Hook failed");
    }
    return failure;
  }

  private Optional<String> run(
      LifecycleHandler hook,
      Container container,
      String containerId,
      String podAddress,
      Duration limit)
      throws InterruptedException {
    if (hook.getExec() != null) {
      return exec(hook, containerId, limit);
    }
    if (hook.getSleep() != null) {
      Duration wish = Duration.ofSeconds(Math.max(0, hook.getSleep().getSeconds()));
      time.sleep(wish.compareTo(limit) > 0 ? limit : wish);
      return Optional.empty();
    }
    if (hook.getHttpGet() != null) {
      return Ports.number(hook.getHttpGet().getPort(), container)
          .map(port -> HttpCheck.send(hook.getHttpGet(), port, podAddress, limit))
          .orElse(Optional.of("port of the http hook is not known"));
    }
    return Optional.of("the hook has no handler that this kubelet knows");
  }

  private Optional<String> exec(LifecycleHandler hook, String containerId, Duration limit) {
    try {
      ExecSyncResponse response = runtime.execSync(containerId, hook.getExec().getCommand(), limit);
      if (response.getExitCode() == 0) {
        return Optional.empty();
      }
      return Optional.of(
          "Exec lifecycle hook ("
              + hook.getExec().getCommand()
              + ") failed - error: command '"
              + String.join(" ", hook.getExec().getCommand())
              + "' exited with "
              + response.getExitCode()
              + ": "
              + response.getStderr().toString(StandardCharsets.UTF_8).strip());
    } catch (CriException failure) {
      return Optional.of(
          "Exec lifecycle hook ("
              + hook.getExec().getCommand()
              + ") failed - error: "
              + failure.getMessage());
    }
  }
}
