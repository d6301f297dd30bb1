package dev.coxswain.scheduler.framework;

/**
 * A part of the scheduler's judgement: one class that implements the extension points it needs.
 * Extension points are called on the scheduling thread and must not block, but for {@link
 * PreBindPlugin}, {@link BindPlugin} and {@link PostBindPlugin}, which get a thread for each pod.
 */
public interface Plugin {
  /** The name by which configuration, messages and metrics know it. */
  default String name() {
    return getClass().getSimpleName();
  }
}
