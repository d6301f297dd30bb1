package dev.coxswain.proxy;

import dev.coxswain.runtime.client.Informer;
import io.fabric8.kubernetes.api.model.Node;
import java.util.Objects;

/** Tells when a node's range or addresses changed; its heartbeats are none of our business. */
record NodeHandler(Runnable changed) implements Informer.Handler<Node> {
  @Override
  public void added(Node node) {
    changed.run();
  }

  @Override
  public void updated(Node before, Node after) {
    if (!Objects.equals(range(before), range(after))
        || !Objects.equals(addresses(before), addresses(after))) {
      changed.run();
    }
  }

  @Override
  public void deleted(Node last) {
    changed.run();
  }

  private static @org.jspecify.annotations.Nullable Object range(Node node) {
    return node.getSpec() == null ? null : node.getSpec().getPodCIDR();
  }

  private static @org.jspecify.annotations.Nullable Object addresses(Node node) {
    return node.getStatus() == null ? null : node.getStatus().getAddresses();
  }
}
