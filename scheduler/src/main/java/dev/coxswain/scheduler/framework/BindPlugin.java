package dev.coxswain.scheduler.framework;

import dev.coxswain.scheduler.model.PodInfo;

/** Tells the cluster where a pod goes; may block. */
public interface BindPlugin extends Plugin {
  /**
   * Binds it; false to leave it to the next plugin.
   *
   * @throws RuntimeException when the cluster refused; the pod is tried again
   */
  boolean bind(CycleState state, PodInfo pod, String node) throws InterruptedException;
}
