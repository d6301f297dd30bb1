package dev.coxswain.scheduler.model;

import dev.coxswain.api.meta.ObjectKey;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSchedulingGate;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads Pod objects. */
public final class PodReader {
  /** What a container counts for when it asks for no CPU (upstream's DefaultMilliCPURequest). */
  static final long ASSUMED_MILLI_CPU = 100;

  /** What it counts for when it asks for no memory (upstream's DefaultMemoryRequest). */
  static final long ASSUMED_MEMORY = 200L << 20;

  private PodReader() {}

  /** The name of a pod object. */
  public static ObjectKey key(Pod pod) {
    return new ObjectKey(pod.getMetadata().getNamespace(), pod.getMetadata().getName());
  }

  /** The pod as the scheduler sees it. */
  public static PodInfo read(Pod pod) {
    PodSpec spec = pod.getSpec();
    Map<String, String> labels =
        pod.getMetadata().getLabels() == null ? Map.of() : pod.getMetadata().getLabels();
    return new PodInfo(
        key(pod),
        Objects.requireNonNullElse(pod.getMetadata().getUid(), ""),
        Objects.requireNonNullElse(spec.getSchedulerName(), "default-scheduler"),
        Objects.requireNonNullElse(spec.getNodeName(), ""),
        pod.getStatus() == null
            ? ""
            : Objects.requireNonNullElse(pod.getStatus().getNominatedNodeName(), ""),
        state(pod),
        spec.getPriority() == null ? 0 : spec.getPriority(),
        !"Never".equals(spec.getPreemptionPolicy()),
        total(pod, (container, requests) -> Quantities.resources(requests)),
        total(pod, PodReader::assumed),
        hostPorts(spec),
        labels,
        WishesReader.read(pod.getMetadata().getNamespace(), labels, spec),
        containers(spec).map(Container::getImage).filter(Objects::nonNull).distinct().toList(),
        owner(pod),
        Lists.orEmpty(spec.getSchedulingGates()).stream().map(PodSchedulingGate::getName).toList(),
        claims(pod),
        !Lists.orEmpty(spec.getResourceClaims()).isEmpty(),
        since(pod));
  }

  private static PodInfo.State state(Pod pod) {
    String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
    if ("Succeeded".equals(phase) || "Failed".equals(phase)) {
      return PodInfo.State.FINISHED;
    }
    return pod.getMetadata().getDeletionTimestamp() == null
        ? PodInfo.State.ALIVE
        : PodInfo.State.TERMINATING;
  }

  private static Stream<Container> containers(PodSpec spec) {
    return Stream.concat(
        Lists.orEmpty(spec.getInitContainers()).stream(),
        Lists.orEmpty(spec.getContainers()).stream());
  }

  /**
   * What a pod needs at its peak: all its containers and sidecars together, or one init container
   * with the sidecars started before it, whichever is more, and the runtime's overhead (KEP-753).
   * What the pod says for itself comes before its containers' sum (KEP-2837).
   */
  private static Resources total(
      Pod pod, BiFunction<Container, Map<String, Quantity>, Resources> of) {
    PodSpec spec = pod.getSpec();
    Resources running = Resources.NONE;
    for (Container container : Lists.orEmpty(spec.getContainers())) {
      running = running.plus(of.apply(container, promised(container, pod.getStatus())));
    }
    Resources sidecars = Resources.NONE;
    Resources starting = Resources.NONE;
    for (Container container : Lists.orEmpty(spec.getInitContainers())) {
      if (isSidecar(container)) {
        sidecars = sidecars.plus(of.apply(container, promised(container, pod.getStatus())));
        starting = starting.max(sidecars);
      } else {
        starting = starting.max(sidecars.plus(of.apply(container, requests(container))));
      }
    }
    return whole(spec, running.plus(sidecars).max(starting))
        .plus(Quantities.resources(spec.getOverhead()));
  }

  private static Resources whole(PodSpec spec, Resources sum) {
    Map<String, Quantity> own =
        spec.getResources() == null || spec.getResources().getRequests() == null
            ? Map.of()
            : spec.getResources().getRequests();
    if (own.isEmpty()) {
      return sum;
    }
    Resources said = Quantities.resources(own);
    Map<String, Long> extended = new HashMap<>(sum.extended());
    extended.putAll(said.extended());
    return new Resources(
        own.containsKey("cpu") ? said.milliCpu() : sum.milliCpu(),
        own.containsKey("memory") ? said.memory() : sum.memory(),
        sum.ephemeralStorage(),
        extended);
  }

  private static boolean isSidecar(Container container) {
    return "Always".equals(container.getRestartPolicy());
  }

  /**
   * What a container requests and, until its kubelet has carried a change of that out, what it has
   * or was granted before, whichever is more; where the change cannot be made, only the latter
   * (KEP-1287). Else a node would be filled with what is not free yet.
   */
  private static Map<String, Quantity> promised(
      Container container, @Nullable PodStatus podStatus) {
    Map<String, Quantity> requests = requests(container);
    Optional<ContainerStatus> status =
        statuses(podStatus)
            .filter(one -> one.getName().equals(container.getName()))
            .filter(one -> one.getResources() != null)
            .findFirst();
    if (podStatus == null || status.isEmpty()) {
      return requests;
    }
    Map<String, Quantity> promised = new HashMap<>();
    if (!resizeIsInfeasible(podStatus)) {
      raise(promised, requests);
    }
    raise(promised, status.get().getResources().getRequests());
    raise(promised, status.get().getAllocatedResources());
    return promised;
  }

  private static Stream<ContainerStatus> statuses(@Nullable PodStatus status) {
    return status == null
        ? Stream.empty()
        : Stream.concat(
            Lists.orEmpty(status.getContainerStatuses()).stream(),
            Lists.orEmpty(status.getInitContainerStatuses()).stream());
  }

  private static boolean resizeIsInfeasible(PodStatus status) {
    return Lists.orEmpty(status.getConditions()).stream()
        .anyMatch(condition ->
            "PodResizePending".equals(condition.getType())
                && "Infeasible".equals(condition.getReason()));
  }

  private static void raise(Map<String, Quantity> amounts, @Nullable Map<String, Quantity> others) {
    if (others != null) {
      others.forEach((name, other) ->
          amounts.merge(
              name,
              other,
              (one, another) ->
                  one.getNumericalAmount().compareTo(another.getNumericalAmount()) < 0
                      ? another
                      : one));
    }
  }

  /** A limit without a request is a request; the API server fills that in, others may not have. */
  private static Map<String, Quantity> requests(Container container) {
    if (container.getResources() == null) {
      return Map.of();
    }
    Map<String, Quantity> requests = new HashMap<>();
    if (container.getResources().getLimits() != null) {
      requests.putAll(container.getResources().getLimits());
    }
    if (container.getResources().getRequests() != null) {
      requests.putAll(container.getResources().getRequests());
    }
    return requests;
  }

  private static Resources assumed(Container container, Map<String, Quantity> requests) {
    return Resources.of(
        requests.containsKey("cpu") ? Quantities.milli(requests.get("cpu")) : ASSUMED_MILLI_CPU,
        requests.containsKey("memory") ? Quantities.whole(requests.get("memory")) : ASSUMED_MEMORY);
  }

  private static List<HostPort> hostPorts(PodSpec spec) {
    List<HostPort> ports = new ArrayList<>();
    // As upstream, not those of init containers that end.
    Stream.concat(
            Lists.orEmpty(spec.getInitContainers()).stream().filter(PodReader::isSidecar),
            Lists.orEmpty(spec.getContainers()).stream())
        .forEach(container -> {
          for (ContainerPort port : Lists.orEmpty(container.getPorts())) {
            if (port.getHostPort() != null && port.getHostPort() > 0) {
              ports.add(
                  new HostPort(
                      port.getHostIP() == null || port.getHostIP().isEmpty()
                          ? "0.0.0.0"
                          : port.getHostIP(),
                      Objects.requireNonNullElse(port.getProtocol(), "TCP"),
                      port.getHostPort()));
            }
          }
        });
    return ports;
  }

  private static List<PodInfo.ClaimUse> claims(Pod pod) {
    List<PodInfo.ClaimUse> claims = new ArrayList<>();
    for (Volume volume : Lists.orEmpty(pod.getSpec().getVolumes())) {
      if (volume.getPersistentVolumeClaim() != null) {
        claims.add(new PodInfo.ClaimUse(volume.getPersistentVolumeClaim().getClaimName(), false));
      } else if (volume.getEphemeral() != null) {
        claims.add(
            new PodInfo.ClaimUse(pod.getMetadata().getName() + "-" + volume.getName(), true));
      }
    }
    return claims.stream().distinct().toList();
  }

  private static String owner(Pod pod) {
    return Lists.orEmpty(pod.getMetadata().getOwnerReferences()).stream()
        .filter(reference -> Boolean.TRUE.equals(reference.getController()))
        .map(OwnerReference::getUid)
        .findFirst()
        .orElse("");
  }

  private static Instant since(Pod pod) {
    @Nullable String started = pod.getStatus() == null ? null : pod.getStatus().getStartTime();
    @Nullable String text = started == null ? pod.getMetadata().getCreationTimestamp() : started;
    try {
      return text == null ? Instant.EPOCH : Instant.parse(text);
    } catch (DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }
}
