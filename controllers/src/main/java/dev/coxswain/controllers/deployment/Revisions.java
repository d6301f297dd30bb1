package dev.coxswain.controllers.deployment;

import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The annotations by which a Deployment's history is told, as kubectl reads them. */
final class Revisions {
  static final String REVISION = "deployment.kubernetes.io/revision";
  static final String HISTORY = "deployment.kubernetes.io/revision-history";
  static final String DESIRED = "deployment.kubernetes.io/desired-replicas";
  static final String MAXIMUM = "deployment.kubernetes.io/max-replicas";

  /** A Deployment's annotations that are its own and not its ReplicaSets'. */
  private static final Set<String> NOT_COPIED =
      Set.of(
          "kubectl.kubernetes.io/last-applied-configuration",
          "deprecated.deployment.rollback.to",
          REVISION,
          HISTORY,
          DESIRED,
          MAXIMUM);

  /** Most characters of {@link #HISTORY}, which would grow with each way back; upstream's limit. */
  private static final int LONGEST_HISTORY = 2000;

  private Revisions() {}

  /** The revision of a set or Deployment; 0 where it has none. */
  static long of(HasMetadata object) {
    return number(Meta.annotations(object), REVISION);
  }

  /** The highest revision of the sets. */
  static long highest(Collection<ReplicaSet> sets) {
    return sets.stream().mapToLong(Revisions::of).max().orElse(0);
  }

  /**
   * The annotations of the set that runs the Deployment's template: the Deployment's own, the
   * revision, and the revisions it ran under before.
   *
   * @param current what the set has now; empty for a new one
   */
  static Map<String, String> ofCurrentSet(
      Deployment deployment, Map<String, String> current, long revision) {
    var annotations = new TreeMap<>(current);
    Meta.annotations(deployment)
        .forEach((name, value) -> {
          if (!NOT_COPIED.contains(name)) {
            annotations.put(name, value);
          }
        });
    long old = number(current, REVISION);
    if (old < revision) {
      annotations.put(REVISION, Long.toString(revision));
      if (old > 0) {
        annotations.merge(HISTORY, Long.toString(old), Revisions::longer);
      }
    }
    return annotations;
  }

  /** The oldest are forgotten where there are too many. */
  private static String longer(String history, String added) {
    String all = history.isEmpty() ? added : history + "," + added;
    int from = 0;
    while (all.length() - from > LONGEST_HISTORY && all.indexOf(',', from) >= 0) {
      from = all.indexOf(',', from) + 1;
    }
    return all.substring(from);
  }

  private static long number(Map<String, String> annotations, String name) {
    try {
      return Long.parseLong(annotations.getOrDefault(name, "0"));
    } catch (NumberFormatException notNumber) {
      return 0;
    }
  }
}
