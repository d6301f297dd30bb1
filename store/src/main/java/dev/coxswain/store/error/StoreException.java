package dev.coxswain.store.error;

import java.io.Serial;

/**
 * A request refused with a {@link StoreError}. Part of normal answers, so it has no stack trace.
 */
public final class StoreException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final StoreError error;

  StoreException(StoreError error) {
    super(error.message(), null, false, false);
    this.error = error;
  }

  /** What was wrong. */
  public StoreError error() {
    return error;
  }
}
