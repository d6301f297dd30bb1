package dev.coxswain.kubelet.log;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What of a log is wanted.
 *
 * @param tailLines only so many lines from the end; -1 for all
 * @param limitBytes stop after so many bytes; -1 for no limit
 * @param since only lines from then on; null for all
 */
public record LogQuery(
    boolean follow,
    boolean timestamps,
    long tailLines,
    long limitBytes,
    @Nullable Instant since,
    Streams streams) {

  /** Which of the container's streams. */
  public enum Streams {
    BOTH,
    STDOUT,
    STDERR;

    boolean take(boolean stderr) {
      return this == BOTH || stderr == (this == STDERR);
    }
  }
}
