package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.HostIP;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Says in a {@code PodStatus} what the view shows. */
final class StatusWriter {
  private final String hostIp;
  private final ContainerStatuses containers = new ContainerStatuses();

  StatusWriter(String hostIp) {
    this.hostIp = hostIp;
  }

  PodStatus write(PodView view, Optional<Ending> ending, Instant now) {
    PodStatus before = view.status();
    boolean stopped = ending.isPresent() && isStopped(view);
    PodStatus status = new PodStatus();
    status.setObservedGeneration(view.pod().getMetadata().getGeneration());
    status.setStartTime(before.getStartTime() == null ? timestamp(now) : before.getStartTime());
    status.setQosClass(QosClass.of(view.pod().getSpec()).text());
    status.setHostIP(hostIp);
    status.setHostIPs(List.of(new HostIP(hostIp)));
    addresses(view, ending.isPresent())
        .forEach(address -> status.getPodIPs().add(new PodIP(address)));
    if (!status.getPodIPs().isEmpty()) {
      status.setPodIP(status.getPodIPs().getFirst().getIp());
    }

    List<ContainerStatus> main = new ArrayList<>();
    List<ContainerStatus> init = new ArrayList<>();
    List<ContainerStatus> ephemeral = new ArrayList<>();
    List<String> incomplete = Initialization.incomplete(view);
    boolean initialized = incomplete.isEmpty();
    for (Member member : Member.of(view.pod())) {
      ContainerStatus one = containers.write(view, member, initialized, ending, stopped, now);
      switch (member.kind()) {
        case INIT, SIDECAR -> init.add(one);
        case MAIN -> main.add(one);
        case EPHEMERAL -> ephemeral.add(one);
      }
    }
    // Of a pod that was refused there is nothing to tell but that.
    if (ending.isEmpty() || everBegun(view)) {
      status.setContainerStatuses(main);
      status.setInitContainerStatuses(init);
      status.setEphemeralContainerStatuses(ephemeral);
    }

    status.setPhase(stopped ? finalPhase(view, ending.get()) : phase(view, ending));
    status.setReason(before.getReason());
    status.setMessage(before.getMessage());
    if (ending.isPresent() && !ending.get().reason().isEmpty()) {
      status.setReason(ending.get().reason());
      status.setMessage(ending.get().message());
    }
    status.setConditions(new Conditions(view, status, incomplete, now).write(ending));
    return status;
  }

  private static boolean everBegun(PodView view) {
    return !view.sandboxes().isEmpty()
        || !view.containers().isEmpty()
        || !view.status().getContainerStatuses().isEmpty();
  }

  /** Seconds are all that API timestamps carry. */
  static String timestamp(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static boolean isStopped(PodView view) {
    return !view.anyAlive()
        && !view.creating()
        && view.sandboxes().stream().noneMatch(SandboxView::ready);
  }

  private static String phase(PodView view, Optional<Ending> ending) {
    String phase = Phase.of(view);
    // While something still stops, a pod that was running has not ended yet.
    if (ending.isPresent()
        && !PodDecider.terminal(view.status())
        && ("Succeeded".equals(phase) || "Failed".equals(phase))) {
      return "Running";
    }
    return phase;
  }

  private static String finalPhase(PodView view, Ending ending) {
    if (PodDecider.terminal(view.status())) {
      return view.status().getPhase();
    }
    if (!ending.reason().isEmpty()) {
      return "Failed";
    }
    boolean succeeded =
        view.pod().getSpec().getContainers().stream()
            .allMatch(container ->
                view.lastRun(container.getName())
                    .filter(newest -> newest.exited() && newest.exitCode() == 0)
                    .isPresent());
    return succeeded ? "Succeeded" : "Failed";
  }

  private List<String> addresses(PodView view, boolean ending) {
    if (Boolean.TRUE.equals(view.pod().getSpec().getHostNetwork())) {
      return view.readySandbox().isPresent() || ending ? List.of(hostIp) : List.of();
    }
    Optional<SandboxView> sandbox = view.readySandbox();
    if (sandbox.isPresent()) {
      return sandbox.get().addresses();
    }
    // A pod that ends keeps the address by which others knew it.
    return ending ? view.status().getPodIPs().stream().map(PodIP::getIp).toList() : List.of();
  }
}
