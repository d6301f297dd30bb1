package dev.coxswain.scheduler.cycle;

import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.PostFilterPlugin.Remedy;
import dev.coxswain.scheduler.framework.Profile;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.queue.QueuedPod;

/** What the scheduler asks for after a pod's turn. */
public sealed interface Step {
  /** The pod whose turn it was. */
  QueuedPod queued();

  /**
   * Bind the pod; the cluster already counts it in. To be answered by {@link SchedulerCore#bound}
   * or {@link SchedulerCore#notBound}.
   */
  record Bind(QueuedPod queued, String node, Profile profile, CycleState state) implements Step {
    /** The pod to bind. */
    public PodInfo pod() {
      return queued.pod();
    }
  }

  /** Tell why the pod fits nowhere, and do something about it. */
  record Unfit(QueuedPod queued, String message, Remedy remedy, Profile profile) implements Step {}

  /** Tell that a plugin failed; the pod is tried again. */
  record Failed(QueuedPod queued, String message, Profile profile) implements Step {}
}
