package dev.coxswain.runtime.program;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Kubernetes' flags spell them: {@code 40s}, {@code 1m30s}, {@code 500ms}. */
public final class Durations {
  private static final Pattern WHOLE = Pattern.compile("(\\d{1,9}(ms|h|m|s))+");
  private static final Pattern PART = Pattern.compile("(\\d{1,9})(ms|h|m|s)");

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
    Duration sum = Duration.ZERO;
    Matcher part = PART.matcher(text);
    while (part.find()) {
      long amount = Long.parseLong(part.group(1));
      sum =
          sum.plus(
              switch (part.group(2)) {
                case "h" -> Duration.ofHours(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "s" -> Duration.ofSeconds(amount);
                default -> Duration.ofMillis(amount);
              });
    }
    return sum;
  }
}
