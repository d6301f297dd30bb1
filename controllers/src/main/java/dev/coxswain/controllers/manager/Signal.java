package dev.coxswain.controllers.manager;

import java.util.function.Consumer;

/** Somebody beside the caches of kinds who tells that something has changed. */
@FunctionalInterface
public interface Signal<E> {
  /** Tells the listener from now on; it must not block. */
  void follow(Consumer<E> listener);
}
