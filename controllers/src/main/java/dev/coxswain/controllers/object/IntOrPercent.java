package dev.coxswain.controllers.object;

import io.fabric8.kubernetes.api.model.IntOrString;
import org.jspecify.annotations.Nullable;

/** Fields that are a number or a percentage of something. */
public final class IntOrPercent {
  private IntOrPercent() {}

  /** The value, a percentage taken of the total and rounded up. */
  public static int up(@Nullable IntOrString value, int total, int fallback) {
    return scaled(value, total, fallback, true);
  }

  /** The value, a percentage taken of the total and rounded down. */
  public static int down(@Nullable IntOrString value, int total, int fallback) {
    return scaled(value, total, fallback, false);
  }

  /**
   * @throws IllegalArgumentException for a text that is no percentage; validation lets none in
   */
  private static int scaled(@Nullable IntOrString value, int total, int fallback, boolean up) {
    if (value == null || value.getValue() == null) {
      return fallback;
    }
    if (value.getIntVal() != null) {
      return value.getIntVal();
    }
    String text = value.getStrVal();
    if (!text.endsWith("%")) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is neither a whole number nor a percentage");
    }
    long hundredths = Long.parseLong(text.substring(0, text.length() - 1)) * total;
    return Math.toIntExact(up ? Math.ceilDiv(hundredths, 100) : Math.floorDiv(hundredths, 100));
  }
}
