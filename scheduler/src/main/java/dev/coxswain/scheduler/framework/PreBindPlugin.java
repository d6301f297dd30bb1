package dev.coxswain.scheduler.framework;

import dev.coxswain.scheduler.model.PodInfo;

/** Does what has to be done before a pod is bound; may block. */
public interface PreBindPlugin extends Plugin {
  /** Whether {@link #preBind} may have to wait for others. */
  boolean waits(CycleState state, PodInfo pod, String node);

  /** Pass, or why the pod cannot be bound. */
  Verdict preBind(CycleState state, PodInfo pod, String node) throws InterruptedException;
}
