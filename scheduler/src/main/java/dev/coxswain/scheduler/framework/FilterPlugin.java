package dev.coxswain.scheduler.framework;

import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.NodeInfo;

/** Decides whether a pod can be on a node. */
public interface FilterPlugin extends Plugin {
  /** Pass, or why not. */
  Verdict filter(CycleState state, PodInfo pod, NodeInfo node);
}
