package dev.coxswain.controllers.daemonset;

import dev.coxswain.controllers.daemonset.DaemonPods.Place;
import dev.coxswain.controllers.history.History;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.object.IntOrPercent;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.RollingUpdateDaemonSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A DaemonSet's rolling update: node by node, within its bounds. */
final class DaemonRollout {
  private DaemonRollout() {}

  static boolean rolls(DaemonSet set) {
    var strategy = set.getSpec().getUpdateStrategy();
    return strategy == null || !"OnDelete".equals(strategy.getType());
  }

  /**
   * Which of the living pods of one node are too many. During a surge an old one that is ready may
   * stay beside a new one until that is available; one that serves nobody only takes its room.
   */
  static List<Pod> beyondOne(DaemonSet set, List<Pod> living, String hash, Instant now) {
    if (living.size() <= 1) {
      return List.of();
    }
    Optional<Pod> current = living.stream().filter(pod -> isCurrent(pod, hash)).findFirst();
    Optional<Pod> old = living.stream().filter(pod -> !isCurrent(pod, hash)).findFirst();
    var kept = new ArrayList<Pod>();
    if (rolls(set) && maxSurge(set, 1) > 0 && current.isPresent()) {
      kept.add(current.get());
      if (!available(set, current.get(), now)) {
        old.filter(Pods::ready).ifPresent(kept::add);
      }
    } else {
      kept.add(living.getFirst());
    }
    return living.stream().filter(pod -> !kept.contains(pod)).toList();
  }

  /** Deletes old pods, or creates new ones beside them, as many as the bounds allow now. */
  static List<RuntimeException> roll(
      DaemonSet set, Map<String, List<Pod>> byNode, String hash, View view, Actions act) {
    List<Node> wanted =
        view.all(Node.class).stream()
            .filter(node -> DaemonPods.place(set, node) == Place.WANTED)
            .sorted(Comparator.comparing(Meta::name))
            .toList();
    int surge = maxSurge(set, wanted.size());
    return surge > 0
        ? surge(set, wanted, byNode, hash, surge, view.now(), act)
        : replace(set, wanted, byNode, hash, maxUnavailable(set, wanted.size()), view.now(), act);
  }

  private static List<RuntimeException> replace(
      DaemonSet set,
      List<Node> wanted,
      Map<String, List<Pod>> byNode,
      String hash,
      int maxUnavailable,
      Instant now,
      Actions act) {
    int unavailable = 0;
    var broken = new ArrayList<Pod>();
    var serving = new ArrayList<Pod>();
    for (Node node : wanted) {
      List<Pod> living =
          DaemonSetController.living(byNode.getOrDefault(Meta.name(node), List.of()));
      if (living.isEmpty() || !available(set, living.getFirst(), now)) {
        unavailable++;
        living.stream().filter(pod -> !isCurrent(pod, hash)).forEach(broken::add);
      } else if (!isCurrent(living.getFirst(), hash)) {
        serving.add(living.getFirst());
      }
    }
    // An old pod that serves nobody can go at once.
    var going = new ArrayList<>(broken);
    serving.stream().limit(Math.max(0, maxUnavailable - unavailable)).forEach(going::add);
    return DaemonSetController.delete(set, going, act);
  }

  private static List<RuntimeException> surge(
      DaemonSet set,
      List<Node> wanted,
      Map<String, List<Pod>> byNode,
      String hash,
      int maxSurge,
      Instant now,
      Actions act) {
    int surging = 0;
    var broken = new ArrayList<Pod>();
    var next = new ArrayList<String>();
    for (Node node : wanted) {
      List<Pod> living =
          DaemonSetController.living(byNode.getOrDefault(Meta.name(node), List.of()));
      boolean hasCurrent = living.stream().anyMatch(pod -> isCurrent(pod, hash));
      List<Pod> old = living.stream().filter(pod -> !isCurrent(pod, hash)).toList();
      if (hasCurrent) {
        surging += old.isEmpty() ? 0 : 1;
      } else if (!old.isEmpty()) {
        if (available(set, old.getFirst(), now)) {
          next.add(Meta.name(node));
        } else {
          broken.addAll(old);
        }
      }
    }
    var failures = new ArrayList<>(DaemonSetController.delete(set, broken, act));
    failures.addAll(
        DaemonSetController.create(
            set, next.stream().limit(Math.max(0, maxSurge - surging)).toList(), hash, act));
    return failures;
  }

  static boolean isCurrent(Pod pod, String hash) {
    return hash.equals(Meta.labels(pod).get(History.LABEL));
  }

  static boolean available(DaemonSet set, Pod pod, Instant now) {
    return Pods.available(pod, Meta.number(set.getSpec().getMinReadySeconds(), 0), now);
  }

  private static int maxUnavailable(DaemonSet set, int nodes) {
    RollingUpdateDaemonSet update = update(set);
    return update == null ? 1 : IntOrPercent.up(update.getMaxUnavailable(), nodes, 1);
  }

  private static int maxSurge(DaemonSet set, int nodes) {
    RollingUpdateDaemonSet update = update(set);
    return update == null ? 0 : IntOrPercent.up(update.getMaxSurge(), nodes, 0);
  }

  private static @org.jspecify.annotations.Nullable RollingUpdateDaemonSet update(DaemonSet set) {
    var strategy = set.getSpec().getUpdateStrategy();
    return strategy == null ? null : strategy.getRollingUpdate();
  }
}
