package dev.coxswain.store.backup;

import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a local snapshot at every interval in which something was written. */
public final class ScheduledBackup {
  private static final Logger LOG = LoggerFactory.getLogger(ScheduledBackup.class);

  private final LocalSnapshots snapshots;
  private final LocalSnapshots.Source source;
  private final LongSupplier revision;
  private final Time time;
  private final Policy policy;
  private long lastRevision = -1;
  private volatile boolean stopped;
  private Time.Timer next = () -> {};

  /** How often, zero for never, and how many are kept. */
  public record Policy(Duration interval, int kept) {
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final int MOST_KEPT = 1000;

    /** Checks the flags it comes from. */
    public Policy {
      if (interval.isNegative() || (interval.isPositive() && interval.compareTo(SHORTEST) < 0)) {
        throw new IllegalArgumentException(
            "--backup-interval: " + interval + " must be PT0S or at least " + SHORTEST);
      }
      if (kept < 1 || kept > MOST_KEPT) {
        throw new IllegalArgumentException(
            "--backup-retention: " + kept + " must be between 1 and " + MOST_KEPT);
      }
    }
  }

  /** A schedule that is not running yet. */
  public ScheduledBackup(
      LocalSnapshots snapshots,
      LocalSnapshots.Source source,
      LongSupplier revision,
      Time time,
      Policy policy) {
    this.snapshots = snapshots;
    this.source = source;
    this.revision = revision;
    this.time = time;
    this.policy = policy;
  }

  /** Starts the schedule, unless the policy turns it off. */
  public synchronized void start() {
    if (!stopped && policy.interval().isPositive()) {
      next = time.after(policy.interval(), this::turn);
    }
  }

  private void turn() {
    if (stopped) {
      return;
    }
    try {
      long now = revision.getAsLong();
      if (now != lastRevision) {
        Path file = snapshots.take(source, time.now(), policy.kept());
        lastRevision = now;
        LOG.info("snapshot {}", file);
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("the scheduled snapshot failed and is tried again later: {}", e.toString());
    } finally {
      start();
    }
  }

  /** Ends the schedule; a snapshot that is being taken is left to itself. */
  public synchronized void stop() {
    stopped = true;
    next.cancel();
  }
}
