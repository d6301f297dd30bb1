package dev.coxswain.controllers.manager;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * What a cache was told about one object.
 *
 * @param before the state it had; null for an object that is new
 * @param after the state it has; null for an object that is gone
 */
public record Change<S>(@Nullable S before, @Nullable S after) {
  public Change {
    if (before == null && after == null) {
      throw new IllegalArgumentException("a change needs a state before or after");
    }
  }

  /** The newest state known. */
  public S latest() {
    return after != null ? after : requireNonNull(before);
  }
}
