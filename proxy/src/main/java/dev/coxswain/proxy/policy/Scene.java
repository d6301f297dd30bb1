package dev.coxswain.proxy.policy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.proxy.service.Ipv4;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the rules are made of.
 *
 * @param node this node's name
 * @param range the range of this node's pods; empty while it has none
 * @param policies every policy
 * @param pods every pod that has an address of its own
 * @param namespaces the labels of each namespace
 */
record Scene(
    String node,
    String range,
    Collection<NetworkPolicy> policies,
    List<Member> pods,
    Map<String, Map<String, String>> namespaces) {

  /**
   * A pod as policies see it.
   *
   * @param uid tells it from a later one of its name
   * @param address its IPv4 address
   * @param ports the ports that its containers name
   */
  record Member(
      String namespace,
      String name,
      String uid,
      String node,
      String address,
      Map<String, String> labels,
      List<Port> ports) {

    /** The numbers of a named port for a protocol: containers may use one name for several. */
    List<Integer> numbers(String port, String protocol) {
      return ports.stream()
          .filter(own -> own.name().equals(port) && own.protocol().equals(protocol))
          .map(Port::number)
          .distinct()
          .toList();
    }
  }

  /** A port that a container names. */
  record Port(String name, String protocol, int number) {}

  static Scene of(
      String node,
      String range,
      Collection<NetworkPolicy> policies,
      Collection<Pod> pods,
      Collection<Namespace> namespaces) {
    var members = new ArrayList<Member>();
    for (Pod pod : pods) {
      Member member = member(pod);
      if (member != null) {
        members.add(member);
      }
    }
    members.sort(
        java.util.Comparator.comparing(Member::namespace)
            .thenComparing(Member::name)
            .thenComparing(Member::uid));
    var labels = new HashMap<String, Map<String, String>>();
    for (Namespace namespace : namespaces) {
      labels.put(namespace.getMetadata().getName(), map(namespace.getMetadata().getLabels()));
    }
    return new Scene(node, range, policies, List.copyOf(members), labels);
  }

  /** Null for one without an address of its own: its traffic is its node's, or there is none. */
  static @Nullable Member member(Pod pod) {
    var status = pod.getStatus();
    if (pod.getSpec() == null
        || status == null
        || Boolean.TRUE.equals(pod.getSpec().getHostNetwork())
        || "Succeeded".equals(status.getPhase())
        || "Failed".equals(status.getPhase())) {
      return null;
    }
    String address = Objects.requireNonNullElse(status.getPodIP(), "");
    if (!Ipv4.isAddress(address)) {
      return null;
    }
    var ports = new ArrayList<Port>();
    for (Container container : serving(pod.getSpec())) {
      for (ContainerPort port : list(container.getPorts())) {
        if (port.getName() != null && !port.getName().isEmpty()) {
          ports.add(
              new Port(
                  port.getName(),
                  Objects.requireNonNullElse(port.getProtocol(), "TCP"),
                  port.getContainerPort()));
        }
      }
    }
    return new Member(
        pod.getMetadata().getNamespace(),
        pod.getMetadata().getName(),
        Objects.requireNonNullElse(pod.getMetadata().getUid(), ""),
        Objects.requireNonNullElse(pod.getSpec().getNodeName(), ""),
        address,
        map(pod.getMetadata().getLabels()),
        List.copyOf(ports));
  }

  /** The containers that run as long as their pod: sidecars are those of the init containers. */
  private static List<Container> serving(PodSpec spec) {
    return Stream.concat(
            list(spec.getContainers()).stream(),
            list(spec.getInitContainers()).stream()
                .filter(container -> "Always".equals(container.getRestartPolicy())))
        .toList();
  }

  /** The pods of a namespace that a selector selects. */
  List<Member> select(String namespace, LabelSelector selector) {
    return pods.stream()
        .filter(pod -> pod.namespace().equals(namespace) && selector.matches(pod.labels()))
        .toList();
  }

  /** The pods in the namespaces that a selector selects which another selects among them. */
  List<Member> select(LabelSelector inNamespaces, LabelSelector selector) {
    return pods.stream()
        .filter(pod ->
            inNamespaces.matches(namespaces.getOrDefault(pod.namespace(), Map.of()))
                && namespaces.containsKey(pod.namespace())
                && selector.matches(pod.labels()))
        .toList();
  }

  static LabelSelector selector(io.fabric8.kubernetes.api.model.@Nullable LabelSelector selector) {
    return selector == null
        ? LabelSelector.EVERYTHING
        : LabelSelector.of(Json.mapper().valueToTree(selector));
  }

  static <E> List<E> list(@Nullable List<E> value) {
    return value == null ? List.of() : value;
  }

  private static Map<String, String> map(@Nullable Map<String, String> value) {
    return value == null ? Map.of() : value;
  }
}
