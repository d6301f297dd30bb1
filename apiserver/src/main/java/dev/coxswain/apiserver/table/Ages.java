package dev.coxswain.apiserver.table;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import tools.jackson.databind.JsonNode;

/** Durations as kubectl shows them: two units at most, and the second only while it matters. */
public final class Ages {
  private static final String UNKNOWN = "<unknown>";
  private static final long MINUTE = 60;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;
  private static final long YEAR = 365 * DAY;

  private Ages() {}

  /** The time since a timestamp field; {@code <unknown>} where there is none. */
  public static String since(JsonNode timestamp, Instant now) {
    if (!timestamp.isString()) {
      return UNKNOWN;
    }
    try {
      return text(Duration.between(Instant.parse(timestamp.asString()), now));
    } catch (DateTimeException malformed) {
      return UNKNOWN;
    }
  }

  /**
   * A duration: {@code 45s}, {@code 5m30s}, {@code 12m}, {@code 3h20m}, {@code 12h}, {@code 2d4h},
   * {@code 30d}, {@code 2y34d}. A clock that is slightly behind makes {@code 0s}.
   */
  public static String text(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < -1) {
      return "<invalid>";
    }
    if (seconds < 0) {
      return "0s";
    }
    if (seconds < 2 * MINUTE) {
      return seconds + "s";
    }
    if (seconds < 10 * MINUTE) {
      return two(seconds / MINUTE, "m", seconds % MINUTE, "s");
    }
    if (seconds < 3 * HOUR) {
      return seconds / MINUTE + "m";
    }
    if (seconds < 8 * HOUR) {
      return two(seconds / HOUR, "h", seconds % HOUR / MINUTE, "m");
    }
    if (seconds < 2 * DAY) {
      return seconds / HOUR + "h";
    }
    if (seconds < 8 * DAY) {
      return two(seconds / DAY, "d", seconds % DAY / HOUR, "h");
    }
    if (seconds < 2 * YEAR) {
      return seconds / DAY + "d";
    }
    if (seconds < 8 * YEAR) {
      return two(seconds / YEAR, "y", seconds % YEAR / DAY, "d");
    }
    return seconds / YEAR + "y";
  }

  private static String two(long large, String largeUnit, long small, String smallUnit) {
    return small == 0 ? large + largeUnit : large + largeUnit + small + smallUnit;
  }
}
