package dev.coxswain.scheduler.framework;

import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.Cluster;
import java.util.List;

/** Tries to make room for a pod that fits nowhere. */
public interface PostFilterPlugin extends Plugin {
  /** What to do about it; the first plugin that makes room is followed. */
  Remedy postFilter(Profile profile, PodInfo pod, Cluster cluster, Diagnosis diagnosis);

  /** The proposal. */
  sealed interface Remedy {
    /** Nothing can be done. */
    record None(String message) implements Remedy {}

    /** Somebody is going already. */
    record Wait(String message) implements Remedy {}

    /** These pods go, and the pod is likely to fit on the node then. */
    record Evict(String node, List<PodInfo> victims) implements Remedy {
      public Evict {
        victims = List.copyOf(victims);
      }
    }
  }
}
