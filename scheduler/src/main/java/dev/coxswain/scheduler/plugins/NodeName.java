package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.FilterPlugin;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.NodeInfo;

/** Keeps a pod that names its node to that node. */
record NodeName() implements FilterPlugin {
  private static final Verdict OTHER =
      Verdict.unresolvable("node(s) didn't match the requested node name");

  @Override
  public Verdict filter(CycleState state, PodInfo pod, NodeInfo node) {
    return !pod.assigned() || pod.nodeName().equals(node.name()) ? Verdict.PASS : OTHER;
  }
}
