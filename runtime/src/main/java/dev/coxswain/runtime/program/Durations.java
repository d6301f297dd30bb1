package dev.coxswain.runtime.program;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Kubernetes spells them: {@code 40s}, {@code 1m30s}, {@code 1.5h}, {@code 0}. */
public final class Durations {
  private static final String AMOUNT = "(\\d{1,9}(?:\\.\\d{0,9})?)(ns|us|µs|μs|ms|h|m|s)";
  private static final Pattern WHOLE = Pattern.compile("0|(" + AMOUNT + ")+");
  private static final Pattern PART = Pattern.compile(AMOUNT);

  private Durations() {}

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException naming the flag
   */
  public static Duration parse(String flag, String text) {
    if (!WHOLE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          flag + ": \"" + text + "\" is not a duration such as 40s or 1m30s");
    }
    BigDecimal nanos = BigDecimal.ZERO;
    Matcher part = PART.matcher(text);
    while (part.find()) {
      nanos = nanos.add(new BigDecimal(part.group(1)).multiply(unit(part.group(2))));
    }
    // As a number of seconds with its nanoseconds: some sums are beyond what a long holds in them.
    BigDecimal[] parts = nanos.divideAndRemainder(BigDecimal.valueOf(1_000_000_000L));
    return Duration.ofSeconds(parts[0].longValueExact(), parts[1].longValue());
  }

  private static BigDecimal unit(String name) {
    Duration unit =
        switch (name) {
          case "h" -> Duration.ofHours(1);
          case "m" -> Duration.ofMinutes(1);
          case "s" -> Duration.ofSeconds(1);
          case "ms" -> Duration.ofMillis(1);
          case "ns" -> Duration.ofNanos(1);
          default -> Duration.ofNanos(1_000);
        };
    return BigDecimal.valueOf(unit.toNanos());
  }
}
