package dev.coxswain.scheduler.framework;

import dev.coxswain.scheduler.model.PodInfo;

/**
 * Says which changes may help a pod that this plugin rejected. A plugin without this extension
 * point has its pods tried again on every change.
 */
public interface RequeuePlugin extends Plugin {
  /** Whether the pod is worth another try after this. */
  boolean mayHelp(PodInfo waiting, ClusterEvent event);
}
