package dev.coxswain.store.history;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client asked for. */
public sealed interface Request {
  /**
   * All changes at one revision if every guard holds; else nothing, and the guarded keys are read.
   */
  record Write(List<Guard> guards, List<Change> changes) implements Request {}

  /** The keys from one to another (exclusive), now or, if {@code at} is not 0, as of then. */
  record Read(String from, String to, boolean serializable, long at) implements Request {
    /** One key, linearizable. */
    public static Read key(String key) {
      return new Read(key, key + '\0', false, 0);
    }
  }

  /** A key must not have changed since it was read; null and 0: it must not exist. */
  record Guard(String key, long mod, @Nullable String value) {}
}
