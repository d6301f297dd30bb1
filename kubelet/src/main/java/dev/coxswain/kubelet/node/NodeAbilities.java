package dev.coxswain.kubelet.node;

import dev.coxswain.proto.cri.RuntimeHandler;
import dev.coxswain.proto.cri.StatusResponse;
import io.fabric8.kubernetes.api.model.NodeFeatures;
import io.fabric8.kubernetes.api.model.NodeRuntimeHandler;
import io.fabric8.kubernetes.api.model.NodeRuntimeHandlerFeatures;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What the node's status tells of what the runtime can do. */
final class NodeAbilities {
  private NodeAbilities() {}

  /** By name, whatever the order in which the runtime tells of them; older ones tell of none. */
  static List<NodeRuntimeHandler> handlers(StatusResponse told) {
    return told.getRuntimeHandlersList().stream()
        .sorted(Comparator.comparing(RuntimeHandler::getName))
        .map(NodeAbilities::handler)
        .toList();
  }

  private static NodeRuntimeHandler handler(RuntimeHandler told) {
    // Whatever the runtime can, no pod of this kubelet has users of its own.
    return new NodeRuntimeHandler(
        new NodeRuntimeHandlerFeatures(told.getFeatures().getRecursiveReadOnlyMounts(), false),
        // The default one has none, and what is empty is left out where it is stored.
        told.getName().isEmpty() ? null : told.getName());
  }

  /** Empty where the runtime is too old to tell. */
  static Optional<NodeFeatures> features(StatusResponse told) {
    return told.hasFeatures()
        ? Optional.of(new NodeFeatures(told.getFeatures().getSupplementalGroupsPolicy()))
        : Optional.empty();
  }
}
