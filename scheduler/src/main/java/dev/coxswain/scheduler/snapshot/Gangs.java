package dev.coxswain.scheduler.snapshot;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.scheduler.model.PodInfo;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Pods that are to run together or not at all: those that carry the same group label in one
 * namespace. Belongs to the scheduling thread; bounded by the pods there are.
 */
public final class Gangs {
  /** Labels by which a pod names its group: the light form, and that of PodGroup objects. */
  private static final String NAME = "pod-group.scheduling.sigs.k8s.io/name";

  private static final String POD_GROUP = "scheduling.x-k8s.io/pod-group";

  /** On a pod, or on the Job that makes the pods: how many must be able to run at once. */
  public static final String MIN_AVAILABLE = "pod-group.scheduling.sigs.k8s.io/min-available";

  private final Map<ObjectKey, Set<ObjectKey>> members = new HashMap<>();

  /** What Jobs ask for the groups of their pods. */
  private final Map<ObjectKey, Integer> asked = new HashMap<>();

  /** The group of what carries these labels. */
  public static Optional<ObjectKey> nameOf(String namespace, Map<String, String> labels) {
    String name = labels.getOrDefault(NAME, labels.getOrDefault(POD_GROUP, ""));
    return name.isEmpty() ? Optional.empty() : Optional.of(new ObjectKey(namespace, name));
  }

  /** The group of a pod. */
  public static Optional<ObjectKey> of(PodInfo pod) {
    return nameOf(pod.key().namespace(), pod.labels());
  }

  /** Whether two pods belong to one group. */
  public static boolean together(PodInfo one, PodInfo other) {
    Optional<ObjectKey> gang = of(one);
    return gang.isPresent() && gang.equals(of(other));
  }

  /** What the labels ask for; empty when they ask nothing, or no number of pods. */
  public static Optional<Integer> minimum(Map<String, String> labels) {
    try {
      return Optional.ofNullable(labels.get(MIN_AVAILABLE))
          .map(Integer::valueOf)
          .filter(number -> number > 0);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** A pod came; whether its group had not counted it yet. */
  public boolean add(PodInfo pod) {
    return of(pod)
        .map(gang -> members.computeIfAbsent(gang, absent -> new HashSet<>()).add(pod.key()))
        .orElse(false);
  }

  /** A pod is gone. */
  public void remove(PodInfo pod) {
    of(pod)
        .ifPresent(gang ->
            members.computeIfPresent(
                gang,
                (same, pods) -> {
                  pods.remove(pod.key());
                  return pods.isEmpty() ? null : pods;
                }));
  }

  /** A Job asks that so many of a group's pods run at once; 0 takes that back. */
  public void ask(ObjectKey gang, int minimum) {
    if (minimum == 0) {
      asked.remove(gang);
    } else {
      asked.put(gang, minimum);
    }
  }

  /** How many of the pod's group must be able to run at once; empty where nobody says. */
  public Optional<Integer> minimum(PodInfo pod) {
    return minimum(pod.labels()).or(() -> of(pod).map(asked::get));
  }

  /** The pods of a group that have not ended. */
  public Set<ObjectKey> members(ObjectKey gang) {
    return Collections.unmodifiableSet(members.getOrDefault(gang, Set.of()));
  }
}
