package dev.coxswain.scheduler.binding;

import dev.coxswain.scheduler.model.PodInfo;

/** Tells people what happened to a pod. */
@FunctionalInterface
public interface Announcer {
  /**
   * Records an event about a pod.
   *
   * @param scheduler the name of the profile that tells it
   */
  void event(String scheduler, PodInfo about, boolean warning, String reason, String message);
}
