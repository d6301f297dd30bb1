package dev.coxswain.scheduler.binding;

import dev.coxswain.scheduler.model.PodInfo;

/** Tells people what happened to a pod. */
@FunctionalInterface
public interface Announcer {
  /** Records an event about a pod, in the name of the profile that handled it. */
  void event(PodInfo about, boolean warning, String reason, String message);
}
