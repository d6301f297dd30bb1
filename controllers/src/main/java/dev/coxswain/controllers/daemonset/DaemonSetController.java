package dev.coxswain.controllers.daemonset;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.controllers.daemonset.DaemonPods.Place;
import dev.coxswain.controllers.history.History;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Claims;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Nodes;
import dev.coxswain.controllers.object.PodDeletion;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.controllers.object.Selectors;
import dev.coxswain.controllers.object.SlowStart;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Keeps one pod of a DaemonSet's template on every node that it fits. */
public final class DaemonSetController implements Reconciler<DaemonSet> {
  private static final int DEFAULT_HISTORY = 10;

  private final FailedPods failed = new FailedPods();

  @Override
  public String name() {
    return "daemonset-controller";
  }

  @Override
  public Watches<DaemonSet> watches() {
    return Watches.of(DaemonSet.class)
        .claimed(
            Pod.class,
            (set, pod) -> Selectors.matches(set.getSpec().getSelector(), Meta.labels(pod)))
        .reads(ControllerRevision.class)
        .on(
            Node.class,
            (change, view) ->
                change.before() != null
                        && change.after() != null
                        && sameToDaemons(change.before(), change.after())
                    ? List.of()
                    : view.all(DaemonSet.class).stream().map(Meta::key).toList());
  }

  /** A heartbeat changes a node, but not who runs there. */
  private static boolean sameToDaemons(Node before, Node after) {
    return Meta.labels(before).equals(Meta.labels(after))
        && Nodes.taints(before).equals(Nodes.taints(after));
  }

  @Override
  public Outcome reconcile(DaemonSet wanted, View view, Actions act) {
    LabelSelector selector = Selectors.of(wanted.getSpec().getSelector());
    if (selector.everything()) {
      act.warning(
          wanted,
          "SelectingAll",
          "This daemon set is selecting all pods. A non-empty selector is required.");
      return Outcome.done();
    }
    List<Pod> pods =
        Claims.of(Pod.class, wanted, selector).adoptable(Pods::active).claim(view, act);
    Map<String, List<Pod>> byNode =
        pods.stream()
            .collect(Collectors.groupingBy(DaemonPods::node, TreeMap::new, Collectors.toList()));
    if (Meta.deleting(wanted)) {
      return Outcome.done();
    }
    History history = History.of(wanted, selector, wanted.getSpec().getTemplate(), view, act);
    String hash = History.hash(history.current());
    Placement placement = place(wanted, byNode, hash, view, act);
    List<RuntimeException> failures = placement.failures();
    Outcome outcome = placement.outcome();
    if (failures.isEmpty() && DaemonRollout.rolls(wanted)) {
      failures = DaemonRollout.roll(wanted, byNode, hash, view, act);
    }
    history.truncate(
        Meta.number(wanted.getSpec().getRevisionHistoryLimit(), DEFAULT_HISTORY),
        pods.stream().map(pod -> Meta.labels(pod).getOrDefault(History.LABEL, "")).toList(),
        act);
    outcome = outcome.orSooner(DaemonSetStatuses.update(wanted, byNode, hash, view, act));
    if (!failures.isEmpty()) {
      throw failures.getFirst();
    }
    return outcome;
  }

  @Override
  public Outcome gone(ObjectKey key, View view, Actions act) {
    failed.forget(key);
    return Outcome.done();
  }

  /** What went wrong, and when failed pods that stay for a while are to be looked at again. */
  private record Placement(List<RuntimeException> failures, Outcome outcome) {}

  /** Creates and deletes, node by node, until each has the one pod it should have. */
  private Placement place(
      DaemonSet set, Map<String, List<Pod>> byNode, String hash, View view, Actions act) {
    var lacking = new ArrayList<String>();
    var surplus = new ArrayList<Pod>();
    var known = new HashSet<String>();
    Outcome outcome = Outcome.done();
    for (Node node : byName(view.all(Node.class))) {
      String name = Meta.name(node);
      known.add(name);
      List<Pod> here = byNode.getOrDefault(name, List.of());
      List<Pod> ended = List.of();
      if (DaemonPods.place(set, node) != Place.REFUSED && !ended(here).isEmpty()) {
        Duration left =
            ended(here).stream().anyMatch(Pods::failed)
                ? failed.left(Meta.key(set), name, view.now())
                : Duration.ZERO;
        ended = ended(here).stream().filter(pod -> left.isZero() || !Pods.failed(pod)).toList();
        outcome = left.isZero() ? outcome : outcome.orSooner(Outcome.again(left));
      }
      switch (DaemonPods.place(set, node)) {
        case WANTED -> {
          ended.forEach(pod -> killEnded(set, pod, name, act));
          surplus.addAll(ended);
          List<Pod> living = living(here);
          // The next one comes when the last has ended: two would fight for ports and files.
          if (here.stream().allMatch(pod -> Meta.deleting(pod) && Pods.finished(pod))) {
            lacking.add(name);
          }
          surplus.addAll(DaemonRollout.beyondOne(set, living, hash, view.now()));
        }
        case TOLERATED -> {
          surplus.addAll(ended);
          surplus.addAll(DaemonRollout.beyondOne(set, living(here), hash, view.now()));
        }
        case REFUSED -> here.stream().filter(pod -> !Meta.deleting(pod)).forEach(surplus::add);
      }
    }
    byNode.forEach((node, here) -> {
      if (!known.contains(node)) {
        here.stream()
            .filter(pod -> Pods.node(pod).isEmpty() && !Meta.deleting(pod))
            .forEach(surplus::add);
      }
    });
    var failures = new ArrayList<RuntimeException>();
    failures.addAll(create(set, lacking, hash, act));
    failures.addAll(delete(set, surplus, act));
    return new Placement(failures, outcome);
  }

  static List<RuntimeException> create(
      DaemonSet set, List<String> nodes, String hash, Actions act) {
    return SlowStart.run(
        nodes.stream()
            .<Runnable>map(node ->
                () -> {
                  String name = act.generateName(Meta.name(set) + "-");
                  try {
                    act.create(DaemonPods.create(set, node, hash, name));
                  } catch (RuntimeException refused) {
                    act.warning(set, "FailedCreate", "Error creating: " + refused.getMessage());
                    throw refused;
                  }
                  act.normal(set, "SuccessfulCreate", "Created pod: " + name);
                })
            .toList(),
        act);
  }

  static List<RuntimeException> delete(DaemonSet set, Collection<Pod> pods, Actions act) {
    return act.together(
        pods.stream().<Runnable>map(pod -> () -> PodDeletion.delete(set, pod, act)).toList());
  }

  private static void killEnded(DaemonSet set, Pod pod, String node, Actions act) {
    if (Pods.failed(pod)) {
      act.warning(
          set,
          "FailedDaemonPod",
          "Found failed daemon pod %s on node %s, will try to kill it"
              .formatted(Meta.key(pod), node));
    } else {
      act.normal(
          set,
          "SucceededDaemonPod",
          "Found succeeded daemon pod %s on node %s, will try to delete it"
              .formatted(Meta.key(pod), node));
    }
  }

  /** Those that neither ended nor go: the ones that have their node first, then the oldest. */
  static List<Pod> living(List<Pod> pods) {
    return pods.stream()
        .filter(Pods::active)
        .sorted(
            Comparator.comparing((Pod pod) -> Pods.node(pod).isEmpty())
                .thenComparing(Meta::created)
                .thenComparing(Meta::name))
        .toList();
  }

  private static List<Pod> ended(List<Pod> pods) {
    return pods.stream().filter(pod -> Pods.finished(pod) && !Meta.deleting(pod)).toList();
  }

  private static List<Node> byName(Collection<Node> nodes) {
    return nodes.stream().sorted(Comparator.comparing(Meta::name)).toList();
  }

  static Place place(DaemonSet set, Node node) {
    return DaemonPods.place(set, node);
  }
}
