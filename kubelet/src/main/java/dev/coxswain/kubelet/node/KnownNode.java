package dev.coxswain.kubelet.node;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.kubelet.admission.Admission;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.ResourceClient;
import io.fabric8.kubernetes.api.model.Node;
import java.util.Optional;
import java.util.function.Supplier;

/** The node's object as the agent last saw it, and as the API has it now. */
public record KnownNode(String name, Supplier<Optional<Node>> last, ResourceClient<Node> nodes)
    implements Admission.NodeSource {

  /** The node of this name. */
  public KnownNode(String name, Supplier<Optional<Node>> last, ApiClient api) {
    this(name, last, api.resource(Node.class));
  }

  @Override
  public Optional<Node> known() {
    return last.get();
  }

  @Override
  public Optional<Node> current() {
    return nodes.find(ObjectKey.cluster(name));
  }
}
