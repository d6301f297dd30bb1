package dev.coxswain.scheduler.model;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.selector.LabelSelector;
import java.util.Map;
import java.util.Set;

/**
 * A disruption budget.
 *
 * @param selector whom it protects, in its namespace
 * @param allowed how many of them may go now
 * @param going those whose going is counted already
 */
public record Budget(ObjectKey key, LabelSelector selector, int allowed, Set<String> going) {
  public Budget {
    going = Set.copyOf(going);
  }

  /** Whether the pod's end would use the budget up; as upstream, no selector protects nobody. */
  public boolean covers(PodInfo pod) {
    Map<String, String> labels = pod.labels();
    return key.namespace().equals(pod.key().namespace())
        && !selector.everything()
        && selector.matches(labels)
        && !going.contains(pod.key().name());
  }
}
