package dev.coxswain.scheduler.framework;

import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.Cluster;
import java.util.List;
import java.util.Set;

/** Looks at pod and cluster once before nodes are filtered. */
public interface PreFilterPlugin extends Plugin {
  /** Prepares; what the plugin's filter needs it notes in the state. */
  Preparation preFilter(CycleState state, PodInfo pod, Cluster cluster);

  /** What came of it. */
  sealed interface Preparation {
    /** Filter the nodes. */
    Preparation PROCEED = new Proceed();

    /** This plugin's filter has nothing to say about this pod. */
    Preparation SKIP = new Skip();

    /** Filter the nodes. */
    record Proceed() implements Preparation {}

    /** This plugin's filter has nothing to say about this pod. */
    record Skip() implements Preparation {}

    /** Only these nodes can be right. */
    record Only(Set<String> nodes) implements Preparation {
      public Only {
        nodes = Set.copyOf(nodes);
      }
    }

    /** No node can be right. */
    record Rejected(List<String> reasons) implements Preparation {
      public Rejected {
        reasons = List.copyOf(reasons);
      }
    }
  }
}
