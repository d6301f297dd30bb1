package dev.coxswain.scheduler.framework;

import dev.coxswain.scheduler.model.PodInfo;

/** Decides whether a pod may be tried at all. */
public interface PreEnqueuePlugin extends Plugin {
  /** Pass, or why the pod has to wait for a change of itself. */
  Verdict preEnqueue(PodInfo pod);
}
