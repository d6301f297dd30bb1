package dev.coxswain.apiserver.cel;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.cel.common.exceptions.CelBadFormatException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Map;

/**
 * Lengths of time as schemas with the format {@code duration} allow them: {@code 1h30m}, {@code
 * 2d}.
 */
final class Durations {
  private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]*)?)\\s*([A-Za-zµ]+)\\s*");
  private static final Map<String, Long> NANOSECONDS =
      Map.ofEntries(
          Map.entry("ns", 1L),
          Map.entry("us", 1_000L),
          Map.entry("µs", 1_000L),
          Map.entry("ms", 1_000_000L),
          Map.entry("s", 1_000_000_000L),
          Map.entry("m", 60_000_000_000L),
          Map.entry("h", 3_600_000_000_000L),
          Map.entry("d", 86_400_000_000_000L),
          Map.entry("w", 604_800_000_000_000L));

  private Durations() {}

  static Duration parse(String text) {
    boolean negative = text.startsWith("-");
    String rest = negative || text.startsWith("+") ? text.substring(1) : text;
    if (rest.equals("0")) {
      return Duration.ZERO;
    }
    BigDecimal sum = BigDecimal.ZERO;
    Matcher part = PART.matcher(rest);
    int end = 0;
    while (end < rest.length() && part.find(end) && part.start() == end) {
      Long unit = NANOSECONDS.get(part.group(2));
      if (unit == null) {
        break;
      }
      sum = sum.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unit)));
      end = part.end();
    }
    if (rest.isEmpty() || end < rest.length() || sum.precision() - sum.scale() > 18) {
      throw new CelBadFormatException("Invalid duration " + text + ": unable to parse");
    }
    long nanoseconds = sum.setScale(0, RoundingMode.DOWN).longValue();
    return Duration.ofNanos(negative ? -nanoseconds : nanoseconds);
  }
}
