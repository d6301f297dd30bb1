package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.node.NodePaths;
import dev.coxswain.kubelet.pod.ContainerView;
import dev.coxswain.kubelet.pod.SandboxView;
import dev.coxswain.kubelet.server.NodeApi;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The pods of the node as the server shows them. */
public final class NodePods implements NodeApi {
  private final PodManager pods;
  private final Logs logs;
  private final ContainerRuntime runtime;
  private final Reports reports;
  private final Supplier<Optional<String>> problem;

  /**
   * Where logs are.
   *
   * @param pods those of containers
   * @param system those of the node itself; empty where they are not shown
   */
  public record Logs(NodePaths pods, Optional<Path> system) {}

  /** Shows the pods of this manager. */
  public NodePods(
      PodManager pods,
      Logs logs,
      ContainerRuntime runtime,
      Reports reports,
      Supplier<Optional<String>> problem) {
    this.pods = pods;
    this.logs = logs;
    this.runtime = runtime;
    this.reports = reports;
    this.problem = problem;
  }

  @Override
  public List<Pod> pods() {
    return pods.workers().stream().map(NodePods::shown).toList();
  }

  @Override
  public Optional<Pod> pod(String namespace, String name) {
    return pods.find(namespace, name).map(NodePods::shown);
  }

  @Override
  public Optional<ContainerLog> log(
      String namespace, String pod, String container, boolean previous) {
    return pods.find(namespace, pod)
        .flatMap(worker ->
            logged(worker.status(), worker.containers(), container, previous)
                .map(one ->
                    new ContainerLog(
                        one.id(),
                        logs.pods()
                            .podLogs(worker.pod())
                            .resolve(NodePaths.containerLog(container, one.restarts())))));
  }

  /**
   * Whose log is meant. Before a container that waits for its next start there is the one whose end
   * the status tells of: that is the previous one, as well as the newest.
   */
  static Optional<ContainerView> logged(
      PodStatus status, List<ContainerView> containers, String name, boolean previous) {
    Stream<ContainerView> newestFirst =
        containers.stream()
            .filter(one -> one.name().equals(name))
            .sorted(Comparator.comparingInt(ContainerView::restarts).reversed())
            .filter(one -> one.state() != ContainerView.State.CREATED);
    if (!previous) {
      return newestFirst.findFirst();
    }
    Set<String> ended =
        Stream.of(
                status.getInitContainerStatuses(),
                status.getContainerStatuses(),
                status.getEphemeralContainerStatuses())
            .flatMap(List::stream)
            .filter(one -> one.getName().equals(name))
            .flatMap(one -> Stream.ofNullable(one.getLastState()))
            .flatMap(one -> Stream.ofNullable(one.getTerminated()))
            .flatMap(one -> Stream.ofNullable(one.getContainerID()))
            .collect(Collectors.toUnmodifiableSet());
    return newestFirst
        .filter(one -> ended.stream().anyMatch(id -> id.endsWith("/" + one.id())))
        .findFirst();
  }

  @Override
  public Optional<Path> systemLogs() {
    return logs.system();
  }

  @Override
  public Optional<String> runningContainer(String namespace, String pod, String container) {
    return pods.find(namespace, pod)
        .flatMap(worker ->
            worker.containers().stream()
                .filter(one -> one.name().equals(container))
                .filter(one -> one.state() == ContainerView.State.RUNNING)
                .map(ContainerView::id)
                .findFirst());
  }

  @Override
  public Optional<String> sandbox(String namespace, String pod) {
    return pods.find(namespace, pod)
        .flatMap(worker ->
            worker.sandboxes().stream()
                .filter(SandboxView::ready)
                .map(SandboxView::id)
                .findFirst());
  }

  @Override
  public ContainerRuntime runtime() {
    return runtime;
  }

  @Override
  public List<Pod> runningPods() {
    return pods.workers().stream()
        .filter(worker -> worker.sandboxes().stream().anyMatch(SandboxView::ready))
        .map(NodePods::running)
        .toList();
  }

  @Override
  public Reports reports() {
    return reports;
  }

  @Override
  public Optional<String> problem() {
    return problem.get();
  }

  private static Pod shown(PodWorker worker) {
    return new PodBuilder(worker.pod()).withStatus(worker.status()).build();
  }

  /** As much of the pod as the runtime knows, as upstream shows it. */
  private static Pod running(PodWorker worker) {
    List<Container> containers =
        worker.containers().stream()
            .filter(one -> one.state() == ContainerView.State.RUNNING)
            .map(
                one -> new ContainerBuilder().withName(one.name()).withImage(one.imageId()).build())
            .toList();
    return new PodBuilder()
        .withNewMetadata()
        .withName(worker.pod().getMetadata().getName())
        .withNamespace(worker.pod().getMetadata().getNamespace())
        .withUid(worker.uid())
        .endMetadata()
        .withNewSpec()
        .withContainers(containers)
        .endSpec()
        .withNewStatus()
        .endStatus()
        .build();
  }
}
