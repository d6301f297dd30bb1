package dev.coxswain.scheduler.framework;

import dev.coxswain.scheduler.model.PodInfo;

/** Hears of pods that were bound; may block. */
public interface PostBindPlugin extends Plugin {
  /** The pod is bound. */
  void postBind(CycleState state, PodInfo pod, String node);
}
