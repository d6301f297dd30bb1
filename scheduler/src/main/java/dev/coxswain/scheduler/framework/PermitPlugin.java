package dev.coxswain.scheduler.framework;

import dev.coxswain.scheduler.model.PodInfo;
import java.time.Duration;

/** Has the last word before a pod is bound, and may put it off: all of a group or none. */
public interface PermitPlugin extends Plugin {
  /** Whether to go on. */
  Permit permit(CycleState state, PodInfo pod, String node);

  /** The last word. */
  sealed interface Permit {
    /** Go on. */
    Permit ALLOW = new Allow();

    /** Go on. */
    record Allow() implements Permit {}

    /** Give up. */
    record Deny(String reason) implements Permit {}

    /** Wait until the plugin allows it by {@link WaitingPods}; give up after the timeout. */
    record Wait(Duration timeout) implements Permit {}
  }
}
