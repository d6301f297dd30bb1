package dev.coxswain.store.machine;

import dev.coxswain.runtime.program.Durations;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;

/**
 * When the leader drops history by itself: everything older than a while, or all but the newest so
 * many revisions. Pure: the caller says what time it is and what revision.
 */
public final class AutoCompaction {
  /** Revision mode looks as seldom as etcd does. */
  private static final Duration REVISION_INTERVAL = Duration.ofMinutes(5);

  /** Samples of (time, revision) kept over the retention time. */
  private static final int SAMPLES = 10;

  private final Policy policy;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private long nextLook;
  private boolean looked;

  /** How much history is kept. */
  public sealed interface Policy {
    /** All of it. */
    record Off() implements Policy {}

    /** What was written within this time. */
    record Periodic(Duration retention) implements Policy {}

    /** The newest so many revisions. */
    record Revisions(long retention) implements Policy {}

    /**
     * Reads etcd's two flags; a bare number of periodic mode is hours. Nothing at all, in whatever
     * unit, is no retention of nothing: it turns compaction off.
     */
    static Policy parse(String mode, String retention) {
      if (retention.isBlank() || retention.equals("0")) {
        return new Off();
      }
      return switch (mode) {
        case "periodic" -> {
          Duration kept = duration(retention);
          yield kept.isZero() ? new Off() : new Periodic(kept);
        }
        case "revision" -> {
          if (!retention.chars().allMatch(Character::isDigit)) {
            throw new IllegalArgumentException(
                "--auto-compaction-retention: \""
                    + retention
                    + "\" must be a number of revisions in revision mode");
          }
          long kept = Long.parseLong(retention);
          yield kept == 0 ? new Off() : new Revisions(kept);
        }
        default ->
            throw new IllegalArgumentException(
                "--auto-compaction-mode: \"" + mode + "\" must be periodic or revision");
      };
    }

    private static Duration duration(String text) {
      if (text.chars().allMatch(Character::isDigit)) {
        return Duration.ofHours(Long.parseLong(text));
      }
      return Durations.parse("--auto-compaction-retention", text);
    }
  }

  private record Sample(long nanos, long revision) {}

  /** Compacts by a policy. */
  public AutoCompaction(Policy policy) {
    this.policy = policy;
  }

  /**
   * Looks at the clock (nanoseconds) and returns the revision to compact at, if it is time.
   *
   * @param compacted up to where history was compacted already
   */
  public OptionalLong look(long now, long revision, long compacted) {
    if (looked && nextLook - now > 0) {
      return OptionalLong.empty();
    }
    looked = true;
    return switch (policy) {
      case Policy.Off() -> {
        nextLook = now + REVISION_INTERVAL.toNanos();
        yield OptionalLong.empty();
      }
      case Policy.Revisions(long retention) -> {
        nextLook = now + REVISION_INTERVAL.toNanos();
        yield after(compacted, revision - retention);
      }
      case Policy.Periodic(Duration retention) -> {
        nextLook = now + retention.dividedBy(SAMPLES).toNanos();
        samples.addLast(new Sample(now, revision));
        long target = 0;
        while (!samples.isEmpty() && now - samples.getFirst().nanos() >= retention.toNanos()) {
          target = samples.removeFirst().revision();
        }
        yield after(compacted, target);
      }
    };
  }

  private static OptionalLong after(long compacted, long revision) {
    return revision <= compacted || revision <= 1
        ? OptionalLong.empty()
        : OptionalLong.of(revision);
  }
}
