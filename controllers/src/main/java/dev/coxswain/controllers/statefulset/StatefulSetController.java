package dev.coxswain.controllers.statefulset;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.history.History;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Claims;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.controllers.object.Selectors;
import dev.coxswain.runtime.client.Patch;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Keeps the numbered pods of a StatefulSet. In order, unless it says Parallel: a pod is made when
 * all before it are available, and goes when all after it are gone.
 */
public final class StatefulSetController implements Reconciler<StatefulSet> {
  private static final int DEFAULT_HISTORY = 10;

  @Override
  public String name() {
    return "statefulset-controller";
  }

  @Override
  public Watches<StatefulSet> watches() {
    return Watches.of(StatefulSet.class)
        .claimed(
            Pod.class,
            (set, pod) ->
                Selectors.matches(set.getSpec().getSelector(), Meta.labels(pod))
                    && Slots.ordinal(set, pod).isPresent())
        .reads(ControllerRevision.class)
        .on(PersistentVolumeClaim.class, SlotClaims::losers);
  }

  @Override
  public Outcome reconcile(StatefulSet wanted, View view, Actions act) {
    LabelSelector selector = Selectors.of(wanted.getSpec().getSelector());
    if (selector.everything() || Meta.deleting(wanted)) {
      return Outcome.done();
    }
    List<Pod> pods =
        Claims.of(Pod.class, wanted, selector)
            .adoptable(pod -> Slots.ordinal(wanted, pod).isPresent())
            .claim(view, act);
    History history = History.of(wanted, selector, wanted.getSpec().getTemplate(), view, act);
    var revisions = Revisions.of(wanted, history);
    NavigableMap<Integer, Pod> bySlot = new TreeMap<>();
    pods.forEach(pod -> Slots.ordinal(wanted, pod).ifPresent(slot -> bySlot.put(slot, pod)));

    RuntimeException failure = null;
    try {
      step(wanted, bySlot, revisions, view, act);
    } catch (RuntimeException failed) {
      failure = failed;
    }
    StatefulSetStatuses.update(wanted, bySlot, revisions, view, act);
    if (failure != null) {
      throw failure;
    }
    var inUse = new HashSet<String>();
    inUse.add(Meta.name(revisions.current()));
    pods.forEach(pod -> inUse.add(Meta.labels(pod).getOrDefault(History.LABEL, "")));
    history.truncate(
        Meta.number(wanted.getSpec().getRevisionHistoryLimit(), DEFAULT_HISTORY), inUse, act);
    return untilAvailable(wanted, bySlot, view);
  }

  private static void step(
      StatefulSet set,
      NavigableMap<Integer, Pod> bySlot,
      Revisions revisions,
      View view,
      Actions act) {
    boolean ordered = !"Parallel".equals(set.getSpec().getPodManagementPolicy());
    bySlot.keySet().forEach(slot -> SlotClaims.keepOwner(set, slot, view, act));
    if (fill(set, bySlot, revisions, ordered, view, act)
        && shrink(set, bySlot, ordered, view, act)) {
      roll(set, bySlot, revisions, view, act);
    }
  }

  /** Makes and replaces pods from the first place on; whether all are there and available. */
  private static boolean fill(
      StatefulSet set,
      NavigableMap<Integer, Pod> bySlot,
      Revisions revisions,
      boolean ordered,
      View view,
      Actions act) {
    boolean complete = true;
    for (int slot = Slots.first(set); slot < Slots.first(set) + Slots.replicas(set); slot++) {
      Pod pod = bySlot.get(slot);
      if (pod == null) {
        create(set, slot, revisions, view, act);
        complete = false;
      } else if (Meta.deleting(pod)) {
        complete = false;
      } else if (Pods.finished(pod)) {
        boolean failed = Pods.failed(pod);
        act.warning(
            set,
            failed ? "RecreatingFailedPod" : "RecreatingTerminatedPod",
            "StatefulSet %s is recreating %s Pod %s"
                .formatted(Meta.key(set), failed ? "failed" : "terminated", Meta.name(pod)));
        act.delete(pod);
        complete = false;
      } else if (!available(set, pod, view)) {
        if (Pods.phase(pod).equals("Pending")) {
          SlotClaims.replace(set, slot, view, act);
        }
        complete = false;
      }
      if (!complete && ordered) {
        return false;
      }
      if (pod != null && Pods.active(pod)) {
        keepIdentity(set, slot, pod, act);
      }
    }
    return complete || !ordered;
  }

  /**
   * Gives a pod that was adopted, or that somebody has relabelled, the labels of its place back:
   * Services of single pods select by them.
   */
  private static void keepIdentity(StatefulSet set, int slot, Pod pod, Actions act) {
    Map<String, String> identity = Slots.identity(set, slot);
    if (Selectors.contains(Meta.labels(pod), identity)) {
      return;
    }
    var patch = Json.object();
    var labels = patch.putObject("metadata").put("uid", Meta.uid(pod)).putObject("labels");
    identity.forEach(labels::put);
    act.patch(pod, new Patch.Merge(patch.toString()));
    act.normal(
        set,
        "SuccessfulUpdate",
        "update Pod %s in StatefulSet %s successful".formatted(Meta.name(pod), Meta.name(set)));
  }

  /**
   * Removes the pods beyond the wanted number, the last one first; whether none is left. In order,
   * an ailing one holds up the others, unless it is the only one: data may be at stake.
   */
  private static boolean shrink(
      StatefulSet set, NavigableMap<Integer, Pod> bySlot, boolean ordered, View view, Actions act) {
    boolean none = true;
    var descending = new ArrayList<>(bySlot.descendingMap().entrySet());
    for (var entry : descending) {
      if (Slots.inRange(set, entry.getKey())) {
        continue;
      }
      none = false;
      if (ordered
          && !available(set, entry.getValue(), view)
          && bySlot.headMap(entry.getKey(), false).entrySet().stream()
              .anyMatch(lower ->
                  !Slots.inRange(set, lower.getKey()) && !available(set, lower.getValue(), view))) {
        return false;
      }
      if (!Meta.deleting(entry.getValue())) {
        // The claims first: once the pod has gone nothing tells that they were to go with it.
        SlotClaims.drop(set, entry.getKey(), view, act);
        remove(set, entry.getValue(), act);
      }
      if (ordered) {
        return false;
      }
    }
    return none || !ordered;
  }

  /**
   * Replaces one pod of an older template, the last first; the others wait until it is back. With
   * {@code maxUnavailable}, so many at a time.
   */
  private static void roll(
      StatefulSet set,
      NavigableMap<Integer, Pod> bySlot,
      Revisions revisions,
      View view,
      Actions act) {
    var strategy = set.getSpec().getUpdateStrategy();
    if (strategy != null && "OnDelete".equals(strategy.getType())) {
      return;
    }
    int most = Slots.maxUnavailable(set);
    if (most > 1) {
      rollSeveral(set, bySlot, revisions, most, view, act);
      return;
    }
    for (var entry : bySlot.descendingMap().entrySet()) {
      Pod pod = entry.getValue();
      if (!Slots.inRange(set, entry.getKey()) || entry.getKey() < revisions.firstRolled(set)) {
        continue;
      }
      if (!revisions.isUpdate(pod) && !Meta.deleting(pod)) {
        remove(set, pod, act);
        return;
      }
      if (!available(set, pod, view)) {
        return;
      }
    }
  }

  private static void rollSeveral(
      StatefulSet set,
      NavigableMap<Integer, Pod> bySlot,
      Revisions revisions,
      int most,
      View view,
      Actions act) {
    long available =
        bySlot.entrySet().stream()
            .filter(entry -> Slots.inRange(set, entry.getKey()))
            .filter(entry -> available(set, entry.getValue(), view))
            .count();
    bySlot.descendingMap().entrySet().stream()
        .filter(entry -> Slots.inRange(set, entry.getKey()))
        .filter(entry -> entry.getKey() >= revisions.firstRolled(set))
        .map(Map.Entry::getValue)
        .filter(pod -> !revisions.isUpdate(pod) && !Meta.deleting(pod))
        .limit(Math.max(0, most - (Slots.replicas(set) - available)))
        .forEach(pod -> remove(set, pod, act));
  }

  private static void remove(StatefulSet set, Pod pod, Actions act) {
    try {
      act.delete(pod);
    } catch (ApiException refused) {
      act.warning(
          set,
          "FailedDelete",
          "delete Pod %s in StatefulSet %s failed error: %s"
              .formatted(Meta.name(pod), Meta.name(set), refused.getMessage()));
      throw refused;
    }
    act.normal(
        set,
        "SuccessfulDelete",
        "delete Pod %s in StatefulSet %s successful".formatted(Meta.name(pod), Meta.name(set)));
  }

  private static void create(
      StatefulSet set, int slot, Revisions revisions, View view, Actions act) {
    ControllerRevision revision = revisions.forSlot(set, slot);
    String name = Slots.podName(set, slot);
    try {
      SlotClaims.provide(set, slot, view, act);
      act.create(Slots.pod(set, slot, History.template(revision), Meta.name(revision)));
    } catch (ApiException refused) {
      if (!refused.is(StatusReason.ALREADY_EXISTS)) {
        act.warning(
            set,
            "FailedCreate",
            "create Pod %s in StatefulSet %s failed error: %s"
                .formatted(name, Meta.name(set), refused.getMessage()));
      }
      throw refused;
    }
    act.normal(
        set,
        "SuccessfulCreate",
        "create Pod %s in StatefulSet %s successful".formatted(name, Meta.name(set)));
  }

  static boolean available(StatefulSet set, Pod pod, View view) {
    return Pods.active(pod)
        && Pods.available(pod, Meta.number(set.getSpec().getMinReadySeconds(), 0), view.now());
  }

  private static Outcome untilAvailable(
      StatefulSet set, NavigableMap<Integer, Pod> bySlot, View view) {
    int minReadySeconds = Meta.number(set.getSpec().getMinReadySeconds(), 0);
    return bySlot.values().stream()
        .flatMap(pod -> Pods.untilAvailable(pod, minReadySeconds, view.now()).stream())
        .filter(Duration::isPositive)
        .min(Comparator.naturalOrder())
        .map(Outcome::again)
        .orElse(Outcome.done());
  }
}
