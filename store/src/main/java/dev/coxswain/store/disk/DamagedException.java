package dev.coxswain.store.disk;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * What was written here is not what stands here now: a member must not serve from it. Its message
 * says what and where.
 */
public final class DamagedException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  /** Damage, as found by reading. */
  public DamagedException(String message) {
    super(message);
  }

  /** Damage, as found by a failure. */
  public DamagedException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The damage that is behind a failure, if that is what is behind it. */
  public static @Nullable DamagedException behind(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof DamagedException damaged) {
        return damaged;
      }
    }
    return null;
  }
}
