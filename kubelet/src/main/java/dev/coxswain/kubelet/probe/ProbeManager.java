package dev.coxswain.kubelet.probe;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.kubelet.pod.ContainerView;
import dev.coxswain.kubelet.pod.Health;
import dev.coxswain.kubelet.pod.Member;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** The probes of one pod, kept in step with its running containers. Owned by the pod's worker. */
public final class ProbeManager {
  private final Checks checks;
  private final PodEvents events;
  private final Time time;
  private final BiConsumer<String, Health> listener;
  private final Map<String, ContainerProbes> running = new HashMap<>();

  /** Tells the listener every change, by container id. */
  public ProbeManager(
      ContainerRuntime runtime, PodEvents events, Time time, BiConsumer<String, Health> listener) {
    this.checks = new Checks(runtime);
    this.events = events;
    this.time = time;
    this.listener = listener;
  }

  /**
   * Starts the probes of containers that have come and stops those of containers that have gone.
   *
   * @param podAddress where the checks go
   */
  public void follow(Pod pod, List<ContainerView> containers, String podAddress) {
    Set<String> alive = new HashSet<>();
    for (ContainerView view : containers) {
      if (view.state() != ContainerView.State.RUNNING) {
        continue;
      }
      alive.add(view.id());
      if (!running.containsKey(view.id())) {
        Member.find(pod, view.name()).ifPresent(member -> begin(pod, member, view, podAddress));
      }
    }
    Set<String> gone = new HashSet<>(running.keySet());
    gone.removeAll(alive);
    gone.forEach(id -> stop(id));
  }

  /** Stops all. */
  public void stop() {
    Set.copyOf(running.keySet()).forEach(this::stop);
  }

  private void stop(String id) {
    ContainerProbes probes = running.remove(id);
    if (probes != null) {
      probes.stop();
    }
  }

  private void begin(Pod pod, Member member, ContainerView view, String podAddress) {
    Container container = member.container();
    Health initial = initial(pod, container, view);
    listener.accept(view.id(), initial);
    ContainerProbes probes =
        new ContainerProbes(
            new ContainerProbes.Target(
                pod,
                container,
                view.id(),
                podAddress,
                view.startedAt() == null ? view.createdAt() : view.startedAt()),
            initial,
            checks,
            events,
            time,
            health -> listener.accept(view.id(), health));
    running.put(view.id(), probes);
    probes.start();
  }

  /**
   * A container that the API already calls ready stays so until a probe says otherwise: the
   * kubelet's own restart is no reason to take it out of service.
   */
  private static Health initial(Pod pod, Container container, ContainerView view) {
    boolean startup = container.getStartupProbe() != null;
    boolean readiness = container.getReadinessProbe() != null;
    if (pod.getStatus() != null) {
      for (ContainerStatus status :
          (Iterable<ContainerStatus>)
              Stream.concat(
                      pod.getStatus().getContainerStatuses().stream(),
                      pod.getStatus().getInitContainerStatuses().stream())
                  ::iterator) {
        String id = status.getContainerID();
        if (id != null && id.endsWith("/" + view.id())) {
          boolean started = !startup || Boolean.TRUE.equals(status.getStarted());
          boolean ready = Boolean.TRUE.equals(status.getReady());
          return new Health(started, started && (!readiness || ready), null, null);
        }
      }
    }
    return Health.unknown(startup, readiness);
  }
}
