package dev.coxswain.proxy;

import dev.coxswain.proxy.route.PodRoute;
import io.fabric8.kubernetes.api.model.Node;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Which nodes answer names for a node whose own proxy is dead. */
final class DetourNodes {
  /** More than one, since another may be dead, too; few, since each is a rule in the kernel. */
  private static final int MAX = 3;

  private DetourNodes() {}

  /**
   * The pod ranges of the ready nodes that follow a node by name, the first after the last: so a
   * node helps a few others only, however many there are.
   */
  static List<String> ranges(String nodeName, Collection<Node> nodes) {
    List<Node> others =
        nodes.stream()
            .filter(node -> !nodeName.equals(name(node)) && NodeHandler.ready(node))
            .sorted(Comparator.comparing(DetourNodes::name))
            .toList();
    return Stream.concat(
            others.stream().filter(node -> name(node).compareTo(nodeName) > 0),
            others.stream().filter(node -> name(node).compareTo(nodeName) < 0))
        .flatMap(node -> PodRoute.to(node).stream())
        .map(PodRoute::pods)
        .limit(MAX)
        .toList();
  }

  private static String name(Node node) {
    return node.getMetadata().getName();
  }
}
