package dev.coxswain.controllers.podgc;

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
import dev.coxswain.runtime.client.DeleteOptions;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Removes the pods whose kubelet will never report their end: those of a node that is gone or
 * declared out of service, those deleted before they had a node, and the oldest of too many that
 * have ended.
 */
public final class PodGarbageCollector implements Reconciler<Pod> {
  /** A node that comes back within this time keeps its pods. */
  static final Duration QUARANTINE = Duration.ofSeconds(40);

  /** Pods that have ended and are kept for people to read. */
  static final int FINISHED_KEPT = 12_500;

  private static final String FINISHED = "finished";
  private static final DeleteOptions AT_ONCE = new DeleteOptions(0L, null, null, null);

  /** When a node was first missed; bounded by the nodes that pods name. */
  private final Map<String, Instant> missedSince = new ConcurrentHashMap<>();

  @Override
  public String name() {
    return "pod-garbage-collector-controller";
  }

  @Override
  public Watches<Pod> watches() {
    return Watches.of(Pod.class)
        .index(Pod.class, Nodes.INDEX, Nodes::ofPod)
        .index(Pod.class, FINISHED, pod -> Pods.finished(pod) ? List.of(FINISHED) : List.of())
        .on(
            Node.class,
            (change, view) ->
                change.after() == null || Nodes.outOfService(change.latest())
                    ? Nodes.podKeys(change.latest(), view)
                    : List.of());
  }

  @Override
  public Outcome reconcile(Pod wanted, View view, Actions act) {
    String node = Pods.node(wanted);
    if (node.isEmpty()) {
      if (Meta.deleting(wanted)) {
        remove(wanted, act);
      }
      return Outcome.done();
    }
    Optional<Node> host = view.find(Node.class, ObjectKey.cluster(node));
    if (host.isEmpty()) {
      return orphaned(wanted, node, view, act);
    }
    missedSince.remove(node);
    if (Meta.deleting(wanted) && Nodes.outOfService(host.get()) && !Nodes.ready(host.get())) {
      failAndRemove(wanted, "node " + node + " is out of service", view, act);
    } else if (Pods.finished(wanted)) {
      keepFewFinished(view, act);
    }
    return Outcome.done();
  }

  private Outcome orphaned(Pod pod, String node, View view, Actions act) {
    Instant since = missedSince.computeIfAbsent(node, name -> view.now());
    Duration left = Duration.between(view.now(), since.plus(QUARANTINE));
    if (left.isPositive()) {
      return Outcome.again(left);
    }
    if (act.live(Node.class, ObjectKey.cluster(node)).isPresent()) {
      return Outcome.again(QUARANTINE);
    }
    failAndRemove(pod, "PodGC: node no longer exists", view, act);
    return Outcome.done();
  }

  private static void keepFewFinished(View view, Actions act) {
    var finished = view.by(Pod.class, FINISHED, FINISHED);
    finished.stream()
        .filter(pod -> !Meta.deleting(pod))
        .sorted(Comparator.comparing(Meta::created))
        .limit(Math.max(0, finished.size() - FINISHED_KEPT))
        .forEach(act::delete);
  }

  /** Says first that the pod failed: its controller must not count it as running anywhere. */
  private static void failAndRemove(Pod pod, String why, View view, Actions act) {
    if (!Pods.finished(pod)) {
      var patch = Json.object();
      patch.putObject("metadata").put("uid", Meta.uid(pod));
      var status = patch.putObject("status").put("phase", "Failed");
      status.set("conditions", Disruption.conditions(pod, "DeletionByPodGC", why, view.now()));
      act.patchStatus(pod, new dev.coxswain.runtime.client.Patch.Merge(patch.toString()));
    }
    remove(pod, act);
  }

  private static void remove(Pod pod, Actions act) {
    act.delete(pod, new DeleteOptions(AT_ONCE.gracePeriodSeconds(), Meta.uid(pod), null, null));
  }
}
