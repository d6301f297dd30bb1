package dev.coxswain.scheduler.model;

import dev.coxswain.api.selector.LabelSelector;
import java.util.Map;
import java.util.Set;

/**
 * Other pods that a pod wants near, or far.
 *
 * @param topologyKey the node label within whose equal values is "near"
 * @param namespaces where these pods are, by name
 * @param namespaceSelector where they are, by label; selects nothing where it is not given
 * @param selector which pods
 */
public record AffinityTerm(
    String topologyKey,
    Set<String> namespaces,
    LabelSelector namespaceSelector,
    LabelSelector selector) {
  public AffinityTerm {
    namespaces = Set.copyOf(namespaces);
  }

  /** Whether it speaks of this pod; the labels of all namespaces are needed for that. */
  public boolean matches(PodInfo pod, Map<String, Map<String, String>> namespaceLabels) {
    String namespace = pod.key().namespace();
    return (namespaces.contains(namespace)
            || namespaceSelector.matches(namespaceLabels.getOrDefault(namespace, Map.of())))
        && selector.matches(pod.labels());
  }

  /** A term that only counts for so much. */
  public record Weighted(int weight, AffinityTerm term) {}
}
