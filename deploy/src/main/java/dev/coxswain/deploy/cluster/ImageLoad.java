package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.Invocation;
import java.nio.file.Path;
import java.util.List;

/** Imports an archive into the nodes that are on. */
public final class ImageLoad {
  private ImageLoad() {}

  /** Returns the names of the nodes that have it now. */
  public static List<String> intoEveryNode(ClusterState state, Path archive) {
    List<ClusterSpec.Node> on =
        state.spec().nodeMachines().stream()
            .filter(node -> state.machine(node.name()).isPresent())
            .toList();
    if (on.isEmpty()) {
      throw new CoxException("no node is on; bring the cluster up with: " + Invocation.cox("up"));
    }
    var containerd = new Containerd(state.spec());
    Parallel.forEach(
        on,
        node -> containerd.importArchive(node, state.machine(node.name()).orElseThrow(), archive));
    return on.stream().map(ClusterSpec.Node::name).toList();
  }
}
