package dev.coxswain.kubelet.probe;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.kubelet.pod.ContainerView;
import dev.coxswain.kubelet.pod.Health;
import dev.coxswain.kubelet.pod.Member;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The probes of one pod, kept in step with its running containers. Owned by the pod's worker. */
public final class ProbeManager {
  private final Checks checks;
  private final ProbeCounts counts;
  private @Nullable String uid;
  private final PodEvents events;
  private final Time time;
  private final BiConsumer<String, Health> listener;
  private final Map<String, ContainerProbes> running = new HashMap<>();

  /** Tells the listener every change, by container id. */
  public ProbeManager(
      ContainerRuntime runtime,
      PodEvents events,
      Time time,
      ProbeCounts counts,
      BiConsumer<String, Health> listener) {
    this.checks = new Checks(runtime);
    this.counts = counts;
    this.events = events;
    this.time = time;
    this.listener = listener;
  }

  /**
   * Starts the probes of containers that have come and stops those of containers that have gone.
   *
   * @param status what was last said of the pod
   * @param podAddress where the checks go
   */
  public void follow(Pod pod, PodStatus status, List<ContainerView> containers, String podAddress) {
    Set<String> alive = new HashSet<>();
    for (ContainerView view : containers) {
      if (view.state() != ContainerView.State.RUNNING) {
        continue;
      }
      alive.add(view.id());
      if (!running.containsKey(view.id())) {
        Member.find(pod, view.name())
            .ifPresent(member -> begin(pod, status, member, view, podAddress));
      }
    }
    keep(alive);
  }

  /** The pod is to stop: from now on only readiness is asked for, of what still runs. */
  public void leave(List<ContainerView> containers) {
    keep(
        containers.stream()
            .filter(view -> view.state() == ContainerView.State.RUNNING)
            .map(ContainerView::id)
            .collect(Collectors.toSet()));
    running.values().forEach(ContainerProbes::leave);
    if (running.isEmpty()) {
      stop();
    }
  }

  private void keep(Set<String> alive) {
    Set<String> gone = new HashSet<>(running.keySet());
    gone.removeAll(alive);
    gone.forEach(this::stop);
  }

  /** Stops all. */
  public void stop() {
    Set.copyOf(running.keySet()).forEach(this::stop);
    if (uid != null) {
      counts.forget(uid);
    }
  }

  private void stop(String id) {
    ContainerProbes probes = running.remove(id);
    if (probes != null) {
      probes.stop();
    }
  }

  private void begin(
      Pod pod, PodStatus status, Member member, ContainerView view, String podAddress) {
    uid = pod.getMetadata().getUid();
    Container container = member.container();
    Health initial = Health.initial(status, container, view.id());
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
            counts,
            events,
            time,
            health -> listener.accept(view.id(), health));
    running.put(view.id(), probes);
    probes.start();
  }
}
