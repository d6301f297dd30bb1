package dev.coxswain.controllers.nodelifecycle;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Disruption;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Nodes;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.runtime.client.Patch;
import dev.coxswain.runtime.node.NodeFit;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Deletes the pods that do not tolerate a NoExecute taint of their node, or not for ever. */
public final class TaintEvictionController implements Reconciler<Pod> {
  private static final String REASON = "TaintManagerEviction";

  /** Seconds of patience that count; with more there would be no such time. */
  private static final long LONGEST = Duration.ofDays(36_500).toSeconds();

  /**
   * Since when a pod is seen under a taint that does not say since when it stands. Bounded by the
   * pods on tainted nodes.
   */
  private final Map<ObjectKey, Instant> seenSince = new ConcurrentHashMap<>();

  /** The pods whose end is awaited. Bounded by the pods on tainted nodes. */
  private final Map<ObjectKey, Awaited> awaited = new ConcurrentHashMap<>();

  /** Who is to be evicted when. */
  private record Awaited(String uid, Instant end) {}

  @Override
  public String name() {
    return "taint-eviction-controller";
  }

  @Override
  public Watches<Pod> watches() {
    return Watches.of(Pod.class)
        .index(Pod.class, Nodes.INDEX, Nodes::ofPod)
        .on(
            Node.class,
            (change, view) ->
                change.before() != null
                        && change.after() != null
                        && evicting(change.before()).equals(evicting(change.after()))
                    ? List.of()
                    : Nodes.podKeys(change.latest(), view));
  }

  @Override
  public Outcome reconcile(Pod wanted, View view, Actions act) {
    ObjectKey key = Meta.key(wanted);
    Optional<Node> host = view.find(Node.class, ObjectKey.cluster(Pods.node(wanted)));
    List<Taint> taints = host.map(TaintEvictionController::evicting).orElse(List.of());
    boolean ends = Meta.deleting(wanted) || Pods.finished(wanted);
    if (taints.isEmpty() || ends) {
      seenSince.remove(key);
    }
    Optional<Instant> end =
        taints.isEmpty() || ends ? Optional.empty() : end(wanted, taints, view.now());
    if (end.isEmpty()) {
      Awaited before = awaited.remove(key);
      boolean stays = host.isPresent() && !ends;
      if (before != null && before.uid().equals(Meta.uid(wanted)) && stays) {
        act.normal(wanted, REASON, "Cancelling deletion of Pod " + key);
      }
      return Outcome.done();
    }
    // What was decided stands: a taint in place of another, as with a node that is not ready and
    // then silent, is no reason for more patience.
    Awaited due =
        awaited.merge(
            key,
            new Awaited(Meta.uid(wanted), end.get()),
            (before, now) ->
                before.uid().equals(now.uid()) && before.end().isBefore(now.end()) ? before : now);
    Duration left = Duration.between(view.now(), due.end());
    if (left.isPositive()) {
      return Outcome.again(left);
    }
    evict(wanted, view, act);
    seenSince.remove(key);
    awaited.remove(key);
    return Outcome.done();
  }

  @Override
  public Outcome gone(ObjectKey key, View view, Actions act) {
    seenSince.remove(key);
    awaited.remove(key);
    return Outcome.done();
  }

  /** When the pod's patience ends; empty for never. */
  private Optional<Instant> end(Pod pod, List<Taint> taints, Instant now) {
    Instant end = Instant.MAX;
    for (Taint taint : taints) {
      // As upstream reads them: of several that tolerate a taint the first one counts.
      Optional<Toleration> first =
          Meta.list(pod.getSpec().getTolerations()).stream()
              .filter(toleration -> NodeFit.tolerates(toleration, taint))
              .findFirst();
      if (first.isEmpty()) {
        return Optional.of(Instant.EPOCH);
      }
      Long seconds = first.get().getTolerationSeconds();
      if (seconds != null) {
        Instant patience = since(pod, taint, now).plusSeconds(Math.clamp(seconds, 0, LONGEST));
        end = patience.isBefore(end) ? patience : end;
      }
    }
    return end.equals(Instant.MAX) ? Optional.empty() : Optional.of(end);
  }

  /**
   * Since when the pod is under the taint: one that comes where it stands already has all its
   * patience still, and is not driven out as it comes, again and again.
   */
  private Instant since(Pod pod, Taint taint, Instant now) {
    Instant stands =
        Meta.time(taint.getTimeAdded())
            .orElseGet(() -> seenSince.computeIfAbsent(Meta.key(pod), key -> now));
    Instant comes =
        Pods.condition(pod, "PodScheduled")
            .filter(scheduled -> "True".equals(scheduled.getStatus()))
            .flatMap(scheduled -> Meta.time(scheduled.getLastTransitionTime()))
            .orElseGet(() -> Meta.created(pod));
    return stands.isAfter(comes) ? stands : comes;
  }

  private static void evict(Pod pod, View view, Actions act) {
    act.normal(pod, REASON, "Marking for deletion Pod " + Meta.key(pod));
    var patch = Json.object();
    patch.putObject("metadata").put("uid", Meta.uid(pod));
    patch
        .putObject("status")
        .set(
            "conditions",
            Disruption.conditions(
                pod,
                "DeletionByTaintManager",
                "Taint manager: deleting due to NoExecute taint",
                view.now()));
    act.patchStatus(pod, new Patch.Merge(patch.toString()));
    act.delete(pod);
  }

  private static List<Taint> evicting(Node node) {
    return Nodes.taints(node).stream()
        .filter(taint -> NodeTaints.NO_EXECUTE.equals(taint.getEffect()))
        .toList();
  }
}
