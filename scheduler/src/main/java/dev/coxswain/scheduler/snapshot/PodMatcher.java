package dev.coxswain.scheduler.snapshot;

import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.scheduler.model.AffinityTerm;
import dev.coxswain.scheduler.model.PodInfo;
import java.util.List;
import java.util.Map;

/** Which pods to count. Equal matchers share one count. */
public sealed interface PodMatcher {

  /** Whether the pod counts. */
  boolean matches(PodInfo pod, Map<String, Map<String, String>> namespaceLabels);

  /** The pods of a namespace that a selector selects and that are not on their way out. */
  record Selected(String namespace, LabelSelector selector) implements PodMatcher {
    @Override
    public boolean matches(PodInfo pod, Map<String, Map<String, String>> namespaceLabels) {
      return pod.state() == PodInfo.State.ALIVE
          && pod.key().namespace().equals(namespace)
          && selector.matches(pod.labels());
    }
  }

  /** The pods that one controller made and that are not on their way out. */
  record Owned(String owner) implements PodMatcher {
    @Override
    public boolean matches(PodInfo pod, Map<String, Map<String, String>> namespaceLabels) {
      return pod.state() == PodInfo.State.ALIVE && pod.owner().equals(owner);
    }
  }

  /** The pods of which all of these affinity terms speak. */
  record Spoken(List<AffinityTerm> terms) implements PodMatcher {
    public Spoken {
      terms = List.copyOf(terms);
    }

    @Override
    public boolean matches(PodInfo pod, Map<String, Map<String, String>> namespaceLabels) {
      for (AffinityTerm term : terms) {
        if (!term.matches(pod, namespaceLabels)) {
          return false;
        }
      }
      return true;
    }
  }
}
