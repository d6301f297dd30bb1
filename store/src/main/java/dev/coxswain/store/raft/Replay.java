package dev.coxswain.store.raft;

import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says how long it took, after a start, until all was applied that the log held. That it may be is
 * known once there is a leader, so that an election is part of it.
 */
final class Replay {
  private static final Logger LOG = LoggerFactory.getLogger(Replay.class);

  private final Time time;
  private long opened;
  private long from;
  private volatile long until = Long.MAX_VALUE;

  Replay(Time time) {
    this.time = time;
  }

  /** The log is open: applied up to one index, and it goes on to another. */
  void begin(long applied, long last) {
    opened = time.nanos();
    from = applied;
    until = last > applied ? last : Long.MAX_VALUE;
  }

  /** So much was applied. On the applying thread. */
  void applied(long index) {
    long last = until;
    if (index >= last) {
      until = Long.MAX_VALUE;
      LOG.info(
          "{} log entries, up to {}, were applied {} ms after the log was opened",
          last - from,
          last,
          Duration.ofNanos(time.nanos() - opened).toMillis());
    }
  }
}
