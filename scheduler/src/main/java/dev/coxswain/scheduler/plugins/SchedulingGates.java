package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.framework.ClusterEvent;
import dev.coxswain.scheduler.framework.PreEnqueuePlugin;
import dev.coxswain.scheduler.framework.RequeuePlugin;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.model.PodInfo;

/** Holds pods back while they have scheduling gates. */
record SchedulingGates() implements PreEnqueuePlugin, RequeuePlugin {
  @Override
  public Verdict preEnqueue(PodInfo pod) {
    return pod.gates().isEmpty()
        ? Verdict.PASS
        : Verdict.unresolvable(
            "waiting for scheduling gates: [" + String.join(" ", pod.gates()) + "]");
  }

  /** Only a change of the pod itself removes a gate. */
  @Override
  public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
    return false;
  }
}
