package dev.coxswain.kubelet.pressure;

import dev.coxswain.api.quantity.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** So much of a resource: absolutely, or as a part of what there is. */
public sealed interface Amount {
  /** Nothing. */
  static Amount none() {
    return new Absolute(Quantity.ZERO);
  }

  /** An amount in the resource's own unit: bytes, inodes, processes. */
  record Absolute(Quantity quantity) implements Amount {}

  /** A part of the capacity, from 0 to 100. */
  record Percentage(BigDecimal percent) implements Amount {}

  /**
   * Reads {@code 100Mi} or {@code 10%}.
   *
   * @throws IllegalArgumentException naming the flag
   */
  static Amount parse(String flag, String text) {
    try {
      if (!text.endsWith("%")) {
        return new Absolute(Quantity.parse(text));
      }
      BigDecimal percent = new BigDecimal(text.substring(0, text.length() - 1));
      if (percent.signum() >= 0 && percent.compareTo(BigDecimal.valueOf(100)) <= 0) {
        return new Percentage(percent);
      }
    } catch (IllegalArgumentException malformed) {
      throw new IllegalArgumentException(flag + ": \"" + text + "\" is not an amount", malformed);
    }
    throw new IllegalArgumentException(flag + ": " + text + " must lie between 0% and 100%");
  }

  /** How much that is where there is so much in all. */
  default long of(long capacity) {
    return switch (this) {
      case Absolute absolute -> absolute.quantity().rounded();
      case Percentage part ->
          part.percent()
              .multiply(BigDecimal.valueOf(capacity))
              .divide(BigDecimal.valueOf(100), 0, RoundingMode.DOWN)
              .longValueExact();
    };
  }
}
