package dev.coxswain.scheduler.framework;

import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import java.util.List;

/** Looks at pod, cluster and the nodes that passed once before they are scored. */
public interface PreScorePlugin extends Plugin {
  /** Prepares; false when this plugin's score has nothing to say about this pod. */
  boolean preScore(CycleState state, PodInfo pod, Cluster cluster, List<NodeInfo> feasible);
}
