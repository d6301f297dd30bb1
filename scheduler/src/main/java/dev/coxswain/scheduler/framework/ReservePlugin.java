package dev.coxswain.scheduler.framework;

import dev.coxswain.scheduler.model.PodInfo;

/** Keeps books of something of its own while a pod is being bound. */
public interface ReservePlugin extends Plugin {
  /** Pass, or why the pod cannot be there after all. */
  Verdict reserve(CycleState state, PodInfo pod, String node);

  /** Undoes {@link #reserve}, and is called even if that was never reached. */
  void unreserve(CycleState state, PodInfo pod, String node);
}
