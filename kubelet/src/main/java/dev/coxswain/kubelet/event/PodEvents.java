package dev.coxswain.kubelet.event;

import io.fabric8.kubernetes.api.model.Pod;

/**
 * Records events about pods. Never blocks and never fails: an event that cannot be told is lost.
 */
public interface PodEvents {

  /**
   * An event of type Normal.
   *
   * @param container the container it is about; empty for the pod itself
   */
  void normal(Pod pod, String container, String reason, String message);

  /** An event of type Warning. */
  void warning(Pod pod, String container, String reason, String message);
}
