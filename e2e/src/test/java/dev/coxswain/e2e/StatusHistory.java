package dev.coxswain.e2e;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Every status of a namespace's pods as it is written, and what goes back from one to the next. */
final class StatusHistory implements ResourceEventHandler<Pod>, AutoCloseable {
  private static final List<String> PHASES = List.of("Pending", "Running", "Succeeded", "Failed");

  private final List<String> wrongs = new CopyOnWriteArrayList<>();

  /** Containers of which nobody knows whether they have done anything, by pod. */
  private final Map<String, Set<String>> doubtful = new ConcurrentHashMap<>();

  private final AtomicInteger seen = new AtomicInteger();
  private @Nullable SharedIndexInformer<Pod> informer;

  private StatusHistory() {}

  static StatusHistory of(KubernetesClient client, String namespace) {
    StatusHistory history = new StatusHistory();
    history.informer = client.pods().inNamespace(namespace).inform(history);
    return history;
  }

  /** What went back, in words. */
  List<String> wrongs() {
    return List.copyOf(wrongs);
  }

  /**
   * How often the kill came while containerd started the pod's process: it may have begun its work,
   * and has failed.
   */
  int doubtful(String pod) {
    return doubtful.getOrDefault(pod, Set.of()).size();
  }

  static boolean isDoubtful(@Nullable ContainerStateTerminated end) {
    return end != null
        && end.getReason().equals("StartError")
        && end.getMessage().startsWith("failed to start containerd task")
        && end.getMessage().contains("context canceled");
  }

  /** How many changes were seen. */
  int seen() {
    return seen.get();
  }

  @Override
  public void onAdd(Pod pod) {
    seen.incrementAndGet();
  }

  @Override
  public void onUpdate(Pod before, Pod after) {
    seen.incrementAndGet();
    int was = PHASES.indexOf(before.getStatus().getPhase());
    int is = PHASES.indexOf(after.getStatus().getPhase());
    if (is < was || (was >= 2 && is != was)) {
      wrong(after, "phase " + PHASES.get(was) + " became " + PHASES.get(is));
    }
    if (before.getStatus().getStartTime() != null
        && !before.getStatus().getStartTime().equals(after.getStatus().getStartTime())) {
      wrong(after, "the start moved to " + after.getStatus().getStartTime());
    }
    compare(
        after, before.getStatus().getContainerStatuses(), after.getStatus().getContainerStatuses());
    compare(
        after,
        before.getStatus().getInitContainerStatuses(),
        after.getStatus().getInitContainerStatuses());
  }

  @Override
  public void onDelete(Pod pod, boolean unknown) {
    seen.incrementAndGet();
  }

  private void compare(Pod pod, List<ContainerStatus> before, List<ContainerStatus> after) {
    for (ContainerStatus was : before) {
      for (ContainerStatus is : after) {
        if (was.getName().equals(is.getName())) {
          compare(pod, was, is);
        }
      }
    }
    if (after.size() < before.size()) {
      wrong(pod, "statuses of containers vanished");
    }
  }

  private void compare(Pod pod, ContainerStatus was, ContainerStatus is) {
    String name = is.getName() + ": ";
    for (ContainerState state : List.of(is.getState(), is.getLastState())) {
      if (isDoubtful(state.getTerminated())) {
        doubtful
            .computeIfAbsent(pod.getMetadata().getName(), any -> ConcurrentHashMap.newKeySet())
            .add(state.getTerminated().getContainerID());
      }
    }
    if (is.getRestartCount() < was.getRestartCount()) {
      wrong(pod, name + was.getRestartCount() + " restarts became " + is.getRestartCount());
    }
    boolean ran = was.getState().getRunning() != null;
    boolean ended = was.getState().getTerminated() != null;
    boolean same = was.getContainerID() != null && was.getContainerID().equals(is.getContainerID());
    if (ended && same && is.getState().getRunning() != null) {
      wrong(pod, name + "what had ended runs again");
    }
    if (ran
        && same
        && is.getState().getWaiting() != null
        && is.getLastState().getTerminated() == null) {
      wrong(pod, name + "what ran waits: " + is.getState().getWaiting().getReason());
    }
    boolean runs = is.getState().getRunning() != null;
    boolean leaves = pod.getMetadata().getDeletionTimestamp() != null;
    if (ran && runs && same && was.getReady() && !is.getReady() && !leaves) {
      wrong(pod, name + "what was ready and runs on is no longer ready");
    }
  }

  private void wrong(Pod pod, String what) {
    wrongs.add(pod.getMetadata().getName() + ": " + what);
  }

  @Override
  public void close() {
    if (informer != null) {
      informer.close();
    }
  }
}
