package dev.coxswain.kubelet.admission;

import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.kubelet.cgroup.HugePages;
import dev.coxswain.kubelet.manifest.StaticPod;
import dev.coxswain.runtime.node.NodeFit;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Whether a pod fits on the node beside others: upstream's general predicates. Pure. */
final class Fit {
  /** These are judged first and in this order, as upstream does. */
  private static final List<String> FIRST = List.of("pods", "cpu", "memory", "ephemeral-storage");

  /** What a running pod may be given more or less of. */
  private static final List<String> RESIZABLE = List.of("cpu", "memory");

  private Fit() {}

  /**
   * A resource of which too little is left.
   *
   * @param requested by the new pod, in thousandths for CPU, like the other two
   */
  record Shortage(String resource, long requested, long used, long capacity) {
    Refusal refusal() {
      return new Refusal(
          "OutOf" + resource,
          "Node didn't have enough resource: "
              + resource
              + ", requested: "
              + requested
              + ", used: "
              + used
              + ", capacity: "
              + capacity);
    }

    /** How much the others would have to give. */
    long missing() {
      return requested - (capacity - used);
    }
  }

  /**
   * The resources that do not suffice. What the node does not know is not its to judge, but for
   * huge pages: of a size that it does not know it has none.
   *
   * @param allocatable what all pods together may use
   */
  static List<Shortage> shortages(
      Load pod, Collection<Load> others, Map<String, Quantity> allocatable) {
    Set<String> rest = new TreeSet<>(pod.requests().keySet());
    FIRST.forEach(rest::remove);
    return Stream.concat(FIRST.stream(), rest.stream())
        .filter(
            resource -> allocatable.containsKey(resource) || resource.startsWith(HugePages.PREFIX))
        .filter(resource -> pod.request(resource).signum() > 0)
        .map(resource ->
            compare(resource, pod, others, allocatable.getOrDefault(resource, Quantity.ZERO)))
        .filter(shortage -> shortage.missing() > 0)
        .toList();
  }

  /** Why the node could not give the pod what it asks for even if it had no other. */
  static Optional<String> tooLarge(Load pod, Map<String, Quantity> allocatable) {
    return RESIZABLE.stream()
        .filter(allocatable::containsKey)
        .map(resource ->
            compare(resource, pod, List.of(), allocatable.getOrDefault(resource, Quantity.ZERO)))
        .filter(shortage -> shortage.missing() > 0)
        .findFirst()
        .map(shortage ->
            "Node didn't have enough capacity: "
                + shortage.resource()
                + ", requested: "
                + shortage.requested()
                + ", capacity: "
                + shortage.capacity());
  }

  /** Why the pod may not be on this node; what it takes of it apart. */
  static Optional<Refusal> misplaced(Pod pod, Node node) {
    if (!NodeFit.selects(pod.getSpec(), node)) {
      return failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
    }
    String wanted = pod.getSpec().getNodeName();
    if (wanted != null && !wanted.isEmpty() && !wanted.equals(node.getMetadata().getName())) {
      return failed("NodeName", "node(s) didn't match the requested node name");
    }
    boolean tolerated =
        StaticPod.is(pod)
            || taints(node).stream()
                .filter(taint -> "NoExecute".equals(taint.getEffect()))
                .allMatch(taint -> NodeFit.tolerated(taint, pod.getSpec().getTolerations()));
    return tolerated
        ? Optional.empty()
        : failed("TaintToleration", "node(s) had taints that the pod didn't tolerate");
  }

  /** Whether another pod has one of the host's ports that the pod wants. */
  static Optional<Refusal> portTaken(Load pod, Collection<Load> others) {
    boolean taken =
        others.stream()
            .flatMap(other -> other.ports().stream())
            .anyMatch(port -> pod.ports().stream().anyMatch(port::clashes));
    return taken
        ? failed("NodePorts", "node(s) didn't have free ports for the requested pod ports")
        : Optional.empty();
  }

  private static Optional<Refusal> failed(String predicate, String why) {
    return Optional.of(new Refusal(predicate, "Predicate " + predicate + " failed: " + why));
  }

  private static Shortage compare(
      String resource, Load pod, Collection<Load> others, Quantity capacity) {
    Quantity used =
        others.stream().map(other -> other.request(resource)).reduce(Quantity.ZERO, Quantity::add);
    return new Shortage(
        resource,
        units(resource, pod.request(resource)),
        units(resource, used),
        units(resource, capacity));
  }

  static long units(String resource, Quantity amount) {
    return resource.equals("cpu") ? amount.milli() : amount.rounded();
  }

  private static List<Taint> taints(Node node) {
    return node.getSpec() == null
        ? List.of()
        : Objects.requireNonNullElse(node.getSpec().getTaints(), List.of());
  }
}
