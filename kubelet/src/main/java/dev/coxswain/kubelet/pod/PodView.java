package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that a decision may look at.
 *
 * @param pod the specification, with the resources that it was given
 * @param status the last status that was decided or, at first, the API's
 * @param ending empty while the pod is wanted
 * @param sandboxes newest attempt first
 * @param containers newest of a name first
 * @param prepared whether directories, cgroup and volumes are there
 * @param prepareFailure why they are not
 * @param sandboxFailure why the last sandbox could not be made
 * @param startFailures by container name
 * @param health by container id
 * @param successors what comes after those that were stopped, by container id
 * @param resized what running containers were given since they were made, by container id
 * @param resizeFailure why they could not be given it
 * @param pendingResize why the pod has not got the resources that the API asks for
 * @param resting what could not be stopped or removed and is left alone for a while, by action key
 * @param stoppedSandboxes those that were stopped in order, so that their addresses are free
 * @param preStopped the ids of containers whose preStop hooks have run already
 * @param nextSandboxAttempt the lowest attempt number that no failed try has used
 * @param released whether volumes and cgroup are gone again
 * @param confirmed whether the API no longer has the pod
 * @param confirmFailure why it could not be deleted from the API
 * @param inFlight the keys of the actions under way
 * @param creating whether an action under way makes something new
 */
public record PodView(
    Pod pod,
    PodStatus status,
    Optional<Ending> ending,
    List<SandboxView> sandboxes,
    List<ContainerView> containers,
    boolean prepared,
    Optional<Failure> prepareFailure,
    Optional<Failure> sandboxFailure,
    Map<String, Failure> startFailures,
    Map<String, Health> health,
    Map<String, PodAction.Successor> successors,
    Map<String, ResourceRequirements> resized,
    Optional<Failure> resizeFailure,
    Optional<PendingResize> pendingResize,
    Map<String, Failure> resting,
    Set<String> stoppedSandboxes,
    Set<String> preStopped,
    int nextSandboxAttempt,
    boolean released,
    boolean confirmed,
    Optional<Failure> confirmFailure,
    Set<String> inFlight,
    boolean creating) {

  public PodView {
    sandboxes =
        sandboxes.stream()
            .sorted(
                Comparator.comparingInt(SandboxView::attempt)
                    .thenComparing(SandboxView::createdAt)
                    .reversed())
            .toList();
    containers =
        containers.stream()
            .sorted(
                Comparator.comparingInt(ContainerView::restarts)
                    .thenComparing(ContainerView::createdAt)
                    .reversed())
            .toList();
  }

  Optional<SandboxView> sandbox() {
    return sandboxes.isEmpty() ? Optional.empty() : Optional.of(sandboxes.getFirst());
  }

  /** The sandbox in which containers can run now. */
  Optional<SandboxView> readySandbox() {
    return sandbox().filter(SandboxView::ready);
  }

  List<ContainerView> named(String name) {
    return containers.stream().filter(container -> container.name().equals(name)).toList();
  }

  Optional<ContainerView> newest(String name) {
    return containers.stream().filter(container -> container.name().equals(name)).findFirst();
  }

  /** The newest container of the name that ran; one that was only created counts for nothing. */
  Optional<ContainerView> lastRun(String name) {
    return named(name).stream()
        .filter(container -> container.state() != ContainerView.State.CREATED)
        .findFirst();
  }

  /** The newest container of the name, if it belongs to the sandbox. */
  Optional<ContainerView> newestIn(String sandboxId, String name) {
    return newest(name).filter(container -> container.sandboxId().equals(sandboxId));
  }

  /** What its probes say; a container whose probes have not answered is not yet ready. */
  Health health(ContainerView container) {
    Health known = health.get(container.id());
    if (known != null) {
      return known;
    }
    return Member.find(pod, container.name())
        .map(member -> Health.initial(status, member.container(), container.id()))
        .orElse(Health.WITHOUT_PROBES);
  }

  /** What comes after a container that ended. */
  PodAction.Successor successor(ContainerView ended) {
    return successors.getOrDefault(ended.id(), PodAction.Successor.BY_POLICY);
  }

  /** What a container has now; null where it is not known. */
  @Nullable ResourceRequirements resources(ContainerView container) {
    return resized.getOrDefault(container.id(), container.resources());
  }

  /** Whether the runtime has it; one that is only remembered belongs to no sandbox. */
  boolean exists(ContainerView container) {
    return !container.sandboxId().isEmpty();
  }

  boolean anyAlive() {
    return containers.stream().anyMatch(ContainerView::alive);
  }
}
