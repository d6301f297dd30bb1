package dev.coxswain.controllers.nodeipam;

import dev.coxswain.api.json.Json;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.Patch;
import io.fabric8.kubernetes.api.model.Node;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gives each node that has none a range of pod addresses: the lowest free one. One worker, since
 * two at once could choose the same.
 */
public final class NodeIpamController implements Reconciler<Node> {
  private final PodRanges ranges;

  /** What this process gave, by node: the caches may not show it yet. Bounded by the ranges. */
  private final Map<String, String> given = new HashMap<>();

  /**
   * @param clusterCidr all pod addresses, such as {@code 10.244.0.0/16}
   */
  public NodeIpamController(String clusterCidr) {
    this.ranges = PodRanges.of(clusterCidr);
  }

  @Override
  public String name() {
    return "node-ipam-controller";
  }

  @Override
  public Watches<Node> watches() {
    return Watches.of(Node.class).workers(1);
  }

  @Override
  public Outcome reconcile(Node wanted, View view, Actions act) {
    if (Meta.deleting(wanted) || !cidr(wanted).isEmpty()) {
      return Outcome.done();
    }
    var known = new HashSet<String>();
    for (Node node : view.all(Node.class)) {
      if (!cidr(node).isEmpty()) {
        given.remove(Meta.name(node));
        known.add(cidr(node));
      }
    }
    Set<String> names = new HashSet<>();
    view.all(Node.class).forEach(node -> names.add(Meta.name(node)));
    given.keySet().retainAll(names);
    String mine = given.remove(Meta.name(wanted));
    known.addAll(given.values());
    Optional<String> free =
        mine != null && !known.contains(mine) ? Optional.of(mine) : ranges.lowestFree(known);
    if (free.isEmpty()) {
      act.warning(
          wanted,
          "CIDRNotAvailable",
          "Node " + Meta.name(wanted) + " status is now: CIDRNotAvailable");
      throw new IllegalStateException(
          "no pod address range is left for node " + Meta.name(wanted) + " in " + ranges);
    }
    given.put(Meta.name(wanted), free.get());
    var patch = Json.object();
    patch
        .putObject("metadata")
        .put("uid", Meta.uid(wanted))
        .put("resourceVersion", wanted.getMetadata().getResourceVersion());
    patch.putObject("spec").put("podCIDR", free.get()).putArray("podCIDRs").add(free.get());
    act.patch(wanted, new Patch.Merge(patch.toString()));
    return Outcome.done();
  }

  private static String cidr(Node node) {
    return node.getSpec() == null ? "" : Meta.text(node.getSpec().getPodCIDR());
  }
}
