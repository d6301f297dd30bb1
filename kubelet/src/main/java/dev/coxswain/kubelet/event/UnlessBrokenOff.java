package dev.coxswain.kubelet.event;

import io.fabric8.kubernetes.api.model.Pod;

/**
 * Events about what is being done for a pod. What is broken off, because the pod goes while it
 * starts, has not failed: its thread is interrupted, and what the call then says of itself warns
 * nobody.
 */
public record UnlessBrokenOff(PodEvents events) implements PodEvents {
  @Override
  public void normal(Pod pod, String container, String reason, String message) {
    events.normal(pod, container, reason, message);
  }

  @Override
  public void warning(Pod pod, String container, String reason, String message) {
    if (!Thread.currentThread().isInterrupted()) {
      events.warning(pod, container, reason, message);
    }
  }
}
