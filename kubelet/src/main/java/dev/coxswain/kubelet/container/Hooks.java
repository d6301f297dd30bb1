package dev.coxswain.kubelet.container;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.probe.HttpCheck;
import dev.coxswain.kubelet.probe.Ports;
import dev.coxswain.proto.cri.ExecSyncResponse;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** Runs postStart and preStop hooks. */
public final class Hooks {
  private final ContainerRuntime runtime;
  private final Time time;

  /** Runs hooks in containers of this runtime. */
  public Hooks(ContainerRuntime runtime, Time time) {
    this.runtime = runtime;
    this.time = time;
  }

  /**
   * Runs a hook to its end or until the limit; the failure in upstream's words, or empty if all
   * went well.
   *
   * @param podAddress where http hooks go that name no host; empty for the node's own network
   */
  public Optional<String> run(
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
          .map(port -> HttpCheck.run(hook.getHttpGet(), port, podAddress, limit).failure())
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
