package dev.coxswain.proxy;

import dev.coxswain.runtime.client.Informer;
import io.fabric8.kubernetes.api.model.Node;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Tells when a node's range, addresses or readiness changed; its heartbeats are none of our
 * business.
 */
record NodeHandler(Runnable changed) implements Informer.Handler<Node> {
  @Override
  public void added(Node node) {
    changed.run();
  }

  @Override
  public void updated(Node before, Node after) {
    if (!Objects.equals(range(before), range(after))
        || !Objects.equals(addresses(before), addresses(after))
        || ready(before) != ready(after)) {
      changed.run();
    }
  }

  @Override
  public void deleted(Node last) {
    changed.run();
  }

  /** Whether the node's kubelet says that it is well, and nobody else that it is gone. */
  static boolean ready(Node node) {
    return node.getStatus() != null
        && Stream.ofNullable(node.getStatus().getConditions())
            .flatMap(List::stream)
            .anyMatch(condition ->
                "Ready".equals(condition.getType()) && "True".equals(condition.getStatus()));
  }

  private static @org.jspecify.annotations.Nullable Object range(Node node) {
    return node.getSpec() == null ? null : node.getSpec().getPodCIDR();
  }

  private static @org.jspecify.annotations.Nullable Object addresses(Node node) {
    return node.getStatus() == null ? null : node.getStatus().getAddresses();
  }
}
