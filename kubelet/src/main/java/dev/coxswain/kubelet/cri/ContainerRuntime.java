package dev.coxswain.kubelet.cri;

import dev.coxswain.proto.cri.Container;
import dev.coxswain.proto.cri.ContainerConfig;
import dev.coxswain.proto.cri.ContainerFilter;
import dev.coxswain.proto.cri.ContainerStats;
import dev.coxswain.proto.cri.ContainerStatus;
import dev.coxswain.proto.cri.ExecSyncResponse;
import dev.coxswain.proto.cri.LinuxContainerResources;
import dev.coxswain.proto.cri.PodSandbox;
import dev.coxswain.proto.cri.PodSandboxConfig;
import dev.coxswain.proto.cri.PodSandboxFilter;
import dev.coxswain.proto.cri.PodSandboxStatus;
import dev.coxswain.proto.cri.RuntimeFeatures;
import dev.coxswain.proto.cri.RuntimeStatus;
import dev.coxswain.proto.cri.VersionResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Sandboxes and containers as CRI v1 knows them. Calls block until the runtime answers or the
 * call's deadline passes, and fail with {@link CriException}. Thread-safe.
 */
public interface ContainerRuntime {

  /** Name and version of the runtime. */
  VersionResponse version();

  /** Whether runtime and network are ready. */
  RuntimeStatus status();

  /** What it can do that older runtimes cannot; they say nothing of it. */
  RuntimeFeatures features();

  /** Whether mounts by this handler can be read-only with all that is mounted below them. */
  boolean mountsReadOnlyRecursively(String handler);

  /** What the runtime tells of itself beyond CRI, as JSON texts by topic. */
  Map<String, String> information();

  /** Creates and starts a sandbox; returns its id. The name of metadata and attempt must be new. */
  String runPodSandbox(PodSandboxConfig config, String runtimeHandler);

  /** Kills what runs in the sandbox and takes its network away. May be repeated. */
  void stopPodSandbox(String sandboxId);

  /** Removes the sandbox with all its containers. One that is not there is no failure. */
  void removePodSandbox(String sandboxId);

  /** The sandbox with its addresses. */
  PodSandboxStatus podSandboxStatus(String sandboxId);

  /** The sandboxes that the filter selects. */
  List<PodSandbox> listPodSandboxes(PodSandboxFilter filter);

  /** Creates a container without starting it; returns its id. */
  String createContainer(String sandboxId, ContainerConfig config, PodSandboxConfig sandbox);

  /** Starts a created container. */
  void startContainer(String containerId);

  /** Sends the stop signal and, after the grace period, SIGKILL; returns once it is dead. */
  void stopContainer(String containerId, Duration grace);

  /** The same with this signal, where the runtime can be told of one; else with its own. */
  void stopContainer(String containerId, int signal, Duration grace);

  /** Removes a container that does not run. One that is not there is no failure. */
  void removeContainer(String containerId);

  /** The containers that the filter selects. */
  List<Container> listContainers(ContainerFilter filter);

  /** All that the runtime knows of the container. */
  ContainerStatus containerStatus(String containerId);

  /** Changes what a running container may use; what is 0 stays as it is. */
  void updateContainerResources(String containerId, LinuxContainerResources resources);

  /** Opens the container's log file anew, after a rotation. */
  void reopenContainerLog(String containerId);

  /**
   * Runs a command in the container and waits for its end.
   *
   * @throws CriException with DEADLINE_EXCEEDED when the timeout passed first
   */
  ExecSyncResponse execSync(String containerId, List<String> command, Duration timeout);

  /** A one-shot URL at which the runtime serves the exec session. */
  String exec(ExecTarget target);

  /** A one-shot URL at which the runtime serves the attach session. */
  String attach(ExecTarget target);

  /**
   * A one-shot URL at which the runtime forwards ports of the sandbox.
   *
   * @param ports for a client that cannot name them itself, which all but WebSocket can
   */
  String portForward(String sandboxId, List<Integer> ports);

  /** Resource use of all running containers. */
  List<ContainerStats> listContainerStats();

  /**
   * What to run and which streams to join.
   *
   * @param command ignored by attach
   */
  record ExecTarget(
      String containerId,
      List<String> command,
      boolean tty,
      boolean stdin,
      boolean stdout,
      boolean stderr) {
    public ExecTarget {
      command = List.copyOf(command);
    }
  }
}
