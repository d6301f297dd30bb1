package dev.coxswain.controllers.endpoints;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Change;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.controllers.object.Selectors;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The pods behind a Service, and on which of their ports it reaches them. */
final class Backends {
  private Backends() {}

  /** A Service's port on one pod. */
  record Port(String name, int number, String protocol, String appProtocol) {}

  /** Whether the Service's endpoints are its pods, and not somebody else's business. */
  static boolean selects(Service service) {
    return service.getSpec() != null
        && !Meta.map(service.getSpec().getSelector()).isEmpty()
        && !"ExternalName".equals(service.getSpec().getType());
  }

  static boolean headless(Service service) {
    return "None".equals(service.getSpec().getClusterIP());
  }

  static boolean publishesUnready(Service service) {
    return Boolean.TRUE.equals(service.getSpec().getPublishNotReadyAddresses());
  }

  /** The Services that a pod was or is behind. */
  static Collection<ObjectKey> ofPod(Change<Pod> change, View view) {
    return Stream.of(change.before(), change.after())
        .filter(Objects::nonNull)
        .flatMap(pod ->
            view.in(Service.class, Meta.namespace(pod)).stream()
                .filter(Backends::selects)
                .filter(service ->
                    Selectors.contains(Meta.labels(pod), service.getSpec().getSelector())))
        .map(Meta::key)
        .distinct()
        .toList();
  }

  /** The pods that have an address and have not ended, in a stable order. */
  static List<Pod> pods(Service service, View view) {
    return view.in(Pod.class, Meta.namespace(service)).stream()
        .filter(pod -> Selectors.contains(Meta.labels(pod), service.getSpec().getSelector()))
        .filter(pod -> !Pods.finished(pod) && !Pods.addresses(pod).isEmpty())
        .sorted(Comparator.comparing(Meta::name))
        .toList();
  }

  /**
   * The pod's ports by which the Service reaches it; one that the pod does not name is left out.
   */
  static List<Port> ports(Service service, Pod pod) {
    return Meta.list(service.getSpec().getPorts()).stream()
        .flatMap(port ->
            number(port, pod).stream()
                .map(number ->
                    new Port(
                        Meta.text(port.getName()),
                        number,
                        protocol(port.getProtocol()),
                        Meta.text(port.getAppProtocol()))))
        .toList();
  }

  /** Whether the Service has ports and reaches none of them on this pod. */
  static boolean unreachable(Service service, List<Port> ports) {
    return ports.isEmpty()
        && !(headless(service) && Meta.list(service.getSpec().getPorts()).isEmpty());
  }

  /** The hostname under which DNS knows the pod in this Service; empty where it has none. */
  static String hostname(Service service, Pod pod) {
    String hostname = Meta.text(pod.getSpec().getHostname());
    return Meta.name(service).equals(pod.getSpec().getSubdomain()) ? hostname : "";
  }

  static ObjectReference reference(Pod pod) {
    return new ObjectReferenceBuilder()
        .withKind("Pod")
        .withNamespace(Meta.namespace(pod))
        .withName(Meta.name(pod))
        .withUid(Meta.uid(pod))
        .build();
  }

  private static Optional<Integer> number(ServicePort port, Pod pod) {
    var target = port.getTargetPort();
    if (target == null || target.getValue() == null) {
      return Optional.of(port.getPort());
    }
    if (target.getIntVal() != null) {
      return Optional.of(target.getIntVal() == 0 ? port.getPort() : target.getIntVal());
    }
    if (target.getStrVal().isEmpty()) {
      return Optional.of(port.getPort());
    }
    return servers(pod)
        .flatMap(container -> Meta.list(container.getPorts()).stream())
        .filter(named ->
            target.getStrVal().equals(named.getName())
                && protocol(named.getProtocol()).equals(protocol(port.getProtocol())))
        .map(ContainerPort::getContainerPort)
        .findFirst();
  }

  /** The containers that run for as long as the pod: the regular ones and the sidecars. */
  private static Stream<Container> servers(Pod pod) {
    return Stream.concat(
        Meta.list(pod.getSpec().getContainers()).stream(),
        Meta.list(pod.getSpec().getInitContainers()).stream()
            .filter(container -> "Always".equals(container.getRestartPolicy())));
  }

  private static String protocol(@org.jspecify.annotations.Nullable String protocol) {
    return protocol == null || protocol.isEmpty() ? "TCP" : protocol;
  }

  /** The labels that endpoints take over from their Service. */
  static Map<String, String> labels(Service service) {
    var labels = new java.util.TreeMap<>(Meta.labels(service));
    if (headless(service)) {
      labels.put("service.kubernetes.io/headless", "");
    } else {
      labels.remove("service.kubernetes.io/headless");
    }
    return labels;
  }
}
