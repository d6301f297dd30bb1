package dev.coxswain.apiserver.audit;

/**
 * How large what a sink gets may be.
 *
 * @param enabled whether anything is cut at all
 * @param batchBytes how many bytes of events go together at most
 * @param eventBytes how long an event may be: of a longer one the bodies are left out
 */
public record Truncation(boolean enabled, int batchBytes, int eventBytes) {
  /** Upstream's limits, when they are in force. */
  public static final int BATCH_BYTES = 10 << 20;

  /** As {@link #BATCH_BYTES}, of one event. */
  public static final int EVENT_BYTES = 100 << 10;

  /**
   * This, if it makes sense.
   *
   * @param flags what its flags begin with
   * @throws IllegalArgumentException if not
   */
  public Truncation checked(String flags) {
    if (eventBytes <= 0) {
      throw new IllegalArgumentException(flags + "-max-event-size: must be greater than 0");
    }
    if (batchBytes < eventBytes) {
      throw new IllegalArgumentException(
          flags + "-max-batch-size: must not be less than " + flags + "-max-event-size");
    }
    return this;
  }

  /** From how many bytes on a batch takes no further event, so that it never is too large. */
  int fullBytes() {
    return enabled ? batchBytes - eventBytes + 1 : BATCH_BYTES;
  }

  /** A sink that gets no event that is too long. */
  EventSink before(EventSink sink, AuditMetrics metrics) {
    return enabled ? new TruncatingSink(sink, eventBytes, metrics) : sink;
  }
}
