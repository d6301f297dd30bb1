package dev.coxswain.kubelet.worker;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.kubelet.cgroup.PodCgroups;
import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.env.PodFields;
import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.kubelet.image.ImageManager;
import dev.coxswain.kubelet.log.ContainerLogs;
import dev.coxswain.kubelet.node.NodePaths;
import dev.coxswain.kubelet.pod.Failure;
import dev.coxswain.kubelet.pod.PodAction;
import dev.coxswain.kubelet.pod.SandboxView;
import dev.coxswain.kubelet.sandbox.RuntimeHandlers;
import dev.coxswain.kubelet.sandbox.SandboxConfigs;
import dev.coxswain.kubelet.volume.FileTrees;
import dev.coxswain.kubelet.volume.VolumeException;
import dev.coxswain.kubelet.volume.VolumeManager;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries actions out on the real node. */
public final class PodActions implements ActionRunner {
  private static final Logger LOG = LoggerFactory.getLogger(PodActions.class);

  /** What fails for want of something outside is tried again after this time. */
  private static final Duration RETRY = Duration.ofSeconds(2);

  /** What others have to do first they tell; this is for what went without being told. */
  private static final Duration UNTOLD = Duration.ofMinutes(1);

  private static final Duration SANDBOX_RETRY = Duration.ofSeconds(5);

  private final ContainerRuntime runtime;
  private final NodePaths paths;
  private final ContainerLogs logs;
  private final PodCgroups cgroups;
  private final VolumeManager volumes;
  private final ImageManager images;
  private final SandboxConfigs sandboxes;
  private final ContainerActions containers;
  private final RuntimeHandlers handlers;
  private final NodeFacts facts;
  private final PodDeleter deleter;
  private final PodEvents events;
  private final Time time;

  PodActions(Parts parts, ContainerActions containers, PodDeleter deleter) {
    this.runtime = parts.runtime();
    this.paths = parts.paths();
    this.logs = new ContainerLogs(paths);
    this.cgroups = parts.cgroups();
    this.volumes = parts.volumes();
    this.images = parts.images();
    this.sandboxes = parts.sandboxes();
    this.handlers = parts.handlers();
    this.facts = parts.facts();
    this.events = parts.events();
    this.time = parts.time();
    this.containers = containers;
    this.deleter = deleter;
  }

  /** The parts of a node that actions need. */
  public record Parts(
      ContainerRuntime runtime,
      NodePaths paths,
      PodCgroups cgroups,
      VolumeManager volumes,
      ImageManager images,
      SandboxConfigs sandboxes,
      RuntimeHandlers handlers,
      NodeFacts facts,
      PodEvents events,
      Time time) {}

  /** Deletes a stopped pod from the API. */
  interface PodDeleter {
    /** Why it could not be deleted; empty once it is gone. */
    Optional<String> delete(Pod pod);
  }

  @Override
  public Optional<Failure> run(Pod pod, PodAction action, List<SandboxView> seen)
      throws InterruptedException {
    try {
      return switch (action) {
        case PodAction.Prepare prepare -> prepare(pod);
        case PodAction.RunSandbox run -> runSandbox(pod, run);
        case PodAction.StopSandbox stop -> {
          runtime.stopPodSandbox(stop.id());
          yield Optional.empty();
        }
        case PodAction.RemoveSandbox remove -> {
          runtime.removePodSandbox(remove.id());
          yield Optional.empty();
        }
        case PodAction.StartContainer start -> {
          if (start.restarts() > 0) {
            cgroups.create(pod); // It may have been stopped because it gets other resources.
          }
          yield containers.start(pod, start, seen);
        }
        case PodAction.PreStop hook -> {
          containers.preStop(pod, hook.id(), hook.name(), hook.grace(), seen);
          yield Optional.empty();
        }
        case PodAction.StopContainer stop -> {
          containers.stop(pod, stop, seen);
          yield Optional.empty();
        }
        case PodAction.Resize resize -> resize(pod, resize);
        case PodAction.RemoveContainer remove -> {
          logs.remove(owner(pod, remove.name(), remove.restarts(), remove.id()));
          runtime.removeContainer(remove.id());
          yield Optional.empty();
        }
        case PodAction.Release release -> {
          release(pod);
          yield Optional.empty();
        }
        case PodAction.Confirm confirm ->
            deleter.delete(pod).map(why -> failure("DeleteFailed", why, RETRY));
      };
    } catch (CriException | IOException broken) {
      events.warning(pod, "", "FailedSync", "error syncing pod: " + broken.getMessage());
      return Optional.of(failure("Failed", String.valueOf(broken.getMessage()), RETRY));
    }
  }

  private Optional<Failure> prepare(Pod pod) throws IOException {
    String uid = pod.getMetadata().getUid();
    FileTrees.directory(paths.pod(uid), 0750);
    Files.createDirectories(paths.podLogs(pod));
    cgroups.create(pod);
    try {
      volumes.prepare(new PodFields(pod, facts.address(), List.of(), facts.allocatable()));
      return Optional.empty();
    } catch (VolumeException failed) {
      String message = String.valueOf(failed.getMessage());
      if (failed.waiting()) {
        return Optional.of(failure("FailedMount", message, UNTOLD));
      }
      events.warning(pod, "", "FailedMount", message);
      return Optional.of(failure("FailedMount", message, RETRY));
    }
  }

  private Optional<Failure> resize(Pod pod, PodAction.Resize resize) {
    try {
      Optional<String> refusal =
          MemoryShrinking.refusal(pod, resize.targets(), runtime.listContainerStats());
      if (refusal.isPresent()) {
        events.warning(pod, "", "ResizeError", refusal.get());
        return Optional.of(failure("ResizeError", refusal.get(), SANDBOX_RETRY));
      }
      cgroups.lift(pod);
      for (PodAction.Resize.Target target : resize.targets()) {
        containers.resize(pod, target);
      }
      cgroups.create(pod);
      return Optional.empty();
    } catch (CriException | IOException refused) {
      String message = String.valueOf(refused.getMessage());
      events.warning(pod, "", "ResizeError", message);
      return Optional.of(failure("ResizeError", message, SANDBOX_RETRY));
    }
  }

  private Optional<Failure> runSandbox(Pod pod, PodAction.RunSandbox run) throws IOException {
    cgroups.kill(pod.getMetadata().getUid());
    try {
      runtime.runPodSandbox(sandboxes.of(pod, run.attempt()), handlers.of(pod));
      return Optional.empty();
    } catch (CriException | ConfigException | ApiException refused) {
      events.warning(
          pod,
          "",
          "FailedCreatePodSandBox",
          "Failed to create pod sandbox: " + refused.getMessage());
      return Optional.of(
          failure("FailedCreatePodSandBox", String.valueOf(refused.getMessage()), SANDBOX_RETRY));
    }
  }

  @Override
  public void forget(Pod pod) {
    try {
      FileTrees.delete(paths.podLogs(pod));
      logs.sweep();
    } catch (IOException failure) {
      LOG.warn("Logs of a pod that is gone cannot be deleted: {}", failure.getMessage());
    }
  }

  static ContainerLogs.Owner owner(Pod pod, String container, int restarts, String id) {
    ObjectMeta meta = pod.getMetadata();
    return new ContainerLogs.Owner(
        meta.getNamespace(), meta.getName(), meta.getUid(), container, restarts, id);
  }

  private void release(Pod pod) throws IOException {
    String uid = pod.getMetadata().getUid();
    volumes.release(uid);
    images.forget(uid);
    cgroups.kill(uid);
    cgroups.remove(uid);
    FileTrees.delete(paths.pod(uid));
  }

  private Failure failure(String reason, String message, Duration rest) {
    Instant now = time.now();
    return new Failure(reason, message, now, now.plus(rest));
  }
}
