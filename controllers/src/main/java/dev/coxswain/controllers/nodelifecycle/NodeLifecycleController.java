package dev.coxswain.controllers.nodelifecycle;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.nodelifecycle.EvictionBrake.Verdict;
import dev.coxswain.controllers.object.Disruption;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Nodes;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.runtime.client.Patch;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Notices nodes that fall silent: their conditions become Unknown, they are tainted, and their pods
 * are no longer counted as ready. The eviction by those taints is {@link
 * TaintEvictionController}'s.
 */
public final class NodeLifecycleController implements Reconciler<Node> {
  /** The namespace of the leases by which nodes say that they live. */
  private static final String LEASES = "kube-node-lease";

  private static final List<String> HEARTBEAT_CONDITIONS =
      List.of("Ready", "MemoryPressure", "DiskPressure", "PIDPressure");

  /** How long a node that has never reported may take to do so. */
  private static final Duration STARTUP_GRACE = Duration.ofSeconds(60);

  private final Duration gracePeriod;
  private final Heartbeats heartbeats = new Heartbeats();
  private final EvictionBrake brake = new EvictionBrake();

  /**
   * @param gracePeriod how long a node may be silent before it counts as unreachable
   */
  public NodeLifecycleController(Duration gracePeriod) {
    this.gracePeriod = gracePeriod;
  }

  @Override
  public String name() {
    return "node-lifecycle-controller";
  }

  @Override
  public Watches<Node> watches() {
    return Watches.of(Node.class)
        .on(
            Lease.class,
            (change, view) ->
                Meta.namespace(change.latest()).equals(LEASES)
                    ? List.of(ObjectKey.cluster(Meta.name(change.latest())))
                    : List.of())
        // Whether a silent node's pods may be evicted depends on how the others are.
        .on(
            Node.class,
            (change, view) ->
                change.before() != null
                        && change.after() != null
                        && Nodes.ready(change.before()) == Nodes.ready(change.after())
                    ? List.of()
                    : view.all(Node.class).stream()
                        .filter(node -> !Nodes.ready(node))
                        .map(Meta::key)
                        .toList())
        .index(Pod.class, Nodes.INDEX, Nodes::ofPod);
  }

  @Override
  public Outcome reconcile(Node wanted, View view, Actions act) {
    if (Meta.deleting(wanted)) {
      return Outcome.done();
    }
    if (!heartbeats.knows(wanted)) {
      act.normal(
          wanted,
          "RegisteredNode",
          "Node %1$s event: Registered Node %1$s in Controller".formatted(Meta.name(wanted)));
    }
    Optional<Lease> lease = view.find(Lease.class, new ObjectKey(LEASES, Meta.name(wanted)));
    Instant seen = heartbeats.observe(wanted, lease, view.now());
    Duration grace = Nodes.condition(wanted, "Ready").isEmpty() ? STARTUP_GRACE : gracePeriod;
    Duration left = Duration.between(view.now(), seen.plus(grace));
    Node node = left.isPositive() ? wanted : markUnknown(wanted, view, act);
    Outcome outcome = left.isPositive() ? Outcome.again(left) : Outcome.done();
    outcome = outcome.orSooner(taint(node, view, act));
    markPods(node, view, act);
    return outcome;
  }

  @Override
  public Outcome gone(ObjectKey key, View view, Actions act) {
    heartbeats
        .forget(key.name())
        .ifPresent(uid ->
            act.normal(
                new NodeBuilder()
                    .withNewMetadata()
                    .withName(key.name())
                    .withUid(uid)
                    .endMetadata()
                    .build(),
                "RemovingNode",
                "Node %1$s event: Removing Node %1$s from Controller".formatted(key.name())));
    return Outcome.done();
  }

  private static Node markUnknown(Node node, View view, Actions act) {
    var conditions = new ArrayList<NodeCondition>();
    String now = Meta.timestamp(view.now());
    boolean changed = false;
    for (String type : HEARTBEAT_CONDITIONS) {
      Optional<NodeCondition> before = Nodes.condition(node, type);
      if (before.filter(known -> "Unknown".equals(known.getStatus())).isPresent()) {
        conditions.add(before.get());
        continue;
      }
      changed = true;
      conditions.add(
          new NodeConditionBuilder()
              .withType(type)
              .withStatus("Unknown")
              .withReason(before.isPresent() ? "NodeStatusUnknown" : "NodeStatusNeverUpdated")
              .withMessage(
                  before.isPresent()
                      ? "Kubelet stopped posting node status."
                      : "Kubelet never posted node status.")
              .withLastHeartbeatTime(
                  before
                      .map(NodeCondition::getLastHeartbeatTime)
                      .orElseGet(() -> node.getMetadata().getCreationTimestamp()))
              .withLastTransitionTime(now)
              .build());
    }
    if (!changed) {
      return node;
    }
    if (node.getStatus() != null) {
      Meta.list(node.getStatus().getConditions()).stream()
          .filter(condition -> !HEARTBEAT_CONDITIONS.contains(condition.getType()))
          .forEach(conditions::add);
    }
    Node marked =
        act.updateStatus(
            new NodeBuilder(node).editOrNewStatus().withConditions(conditions).endStatus().build());
    act.normal(node, "NodeNotReady", "Node " + Meta.name(node) + " status is now: NodeNotReady");
    return marked;
  }

  private Outcome taint(Node node, View view, Actions act) {
    boolean mayEvict = false;
    boolean mustNotEvict = false;
    Outcome outcome = Outcome.done();
    if (NodeTaints.callsForEviction(node)) {
      // Even one that has its taint asks, for all may have fallen silent since.
      Verdict verdict =
          NodeTaints.evicts(node)
              ? brake.recheck(view.all(Node.class))
              : brake.ask(node, view.all(Node.class), view.now());
      switch (verdict) {
        case Verdict.Go() -> mayEvict = true;
        case Verdict.Wait(Duration left) -> outcome = Outcome.again(left);
        case Verdict.Halt() -> mustNotEvict = true;
      }
    }
    List<Taint> taints = NodeTaints.wanted(node, mayEvict, mustNotEvict, view.now());
    if (!NodeTaints.same(Nodes.taints(node), taints)) {
      var patch = Json.object();
      patch
          .putObject("metadata")
          .put("uid", Meta.uid(node))
          .put("resourceVersion", node.getMetadata().getResourceVersion());
      patch.putObject("spec").set("taints", Json.mapper().valueToTree(taints));
      act.patch(node, new Patch.Merge(patch.toString()));
    }
    return outcome;
  }

  /** A silent node's pods are not ready, whatever they last said. */
  private void markPods(Node node, View view, Actions act) {
    String readiness = Nodes.readiness(node);
    boolean wasReady = heartbeats.wasReady(node, readiness);
    // A kubelet that reports itself not ready still speaks for its pods: it is contradicted once.
    if (readiness.equals("Unknown") || (readiness.equals("False") && wasReady)) {
      for (Pod pod : view.by(Pod.class, Nodes.INDEX, Meta.name(node))) {
        if (Pods.ready(pod)) {
          markUnready(pod, view, act);
        }
      }
    }
  }

  private static void markUnready(Pod pod, View view, Actions act) {
    var condition =
        new PodConditionBuilder(Pods.condition(pod, "Ready").orElseThrow())
            .withStatus("False")
            .withLastTransitionTime(Meta.timestamp(view.now()))
            .build();
    var patch = Json.object();
    patch
        .putObject("metadata")
        .put("uid", Meta.uid(pod))
        .put("resourceVersion", pod.getMetadata().getResourceVersion());
    patch.putObject("status").set("conditions", Disruption.with(pod, condition));
    try {
      act.patchStatus(pod, new Patch.Merge(patch.toString()));
      act.warning(pod, "NodeNotReady", "Node is not ready");
    } catch (ApiException refused) {
      if (!refused.is(StatusReason.NOT_FOUND)) {
        throw refused;
      }
    }
  }
}
