package dev.coxswain.apiserver.trace;

/**
 * Where the store says that the time of a write went; nanoseconds.
 *
 * @param waited until its log entry was begun, another being under way
 * @param appended until that was in the leader's log, not flushed yet
 * @param flushed until a majority had flushed it
 */
public record StoreTimes(long waited, long appended, long flushed) {
  private static final long NANOS_A_MILLI = 1_000_000;

  long total() {
    return waited + appended + flushed;
  }

  @Override
  public String toString() {
    return "%d ms until its entry was begun, %d until that was in the log, %d until a majority had flushed it"
        .formatted(waited / NANOS_A_MILLI, appended / NANOS_A_MILLI, flushed / NANOS_A_MILLI);
  }
}
