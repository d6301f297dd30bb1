package dev.coxswain.store.history;

import org.jspecify.annotations.Nullable;

/** What a revision did to a key: what it holds from then on, or null when it was deleted. */
public record Event(long revision, String key, @Nullable Entry now) {
  /** Whether the key lies in the range, the upper end exclusive. */
  boolean within(String from, String to) {
    return key.compareTo(from) >= 0 && key.compareTo(to) < 0;
  }
}
