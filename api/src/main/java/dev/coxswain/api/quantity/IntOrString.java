package dev.coxswain.api.quantity;

import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** A value that is a number or a text, such as a port or a percentage. */
public sealed interface IntOrString {
  /** A number. */
  record Whole(int value) implements IntOrString {
    @Override
    public String toString() {
      return Integer.toString(value);
    }
  }

  /** A text. */
  record Text(String value) implements IntOrString {
    private static final Pattern PERCENT = Pattern.compile("[0-9]{1,9}%");

    /** Whether it is a percentage, such as {@code 25%}. */
    public boolean isPercent() {
      return PERCENT.matcher(value).matches();
    }

    @Override
    public String toString() {
      return value;
    }
  }

  /**
   * Reads a JSON value.
   *
   * @throws IllegalArgumentException where it is neither a 32-bit number nor a string
   */
  static IntOrString of(JsonNode node) {
    if (node.isString()) {
      return new Text(node.asString());
    }
    if (node.isIntegralNumber() && node.canConvertToInt()) {
      return new Whole(node.asInt());
    }
    throw new IllegalArgumentException("expected an integer or a string");
  }

  /**
   * The number itself, or the percentage of a total; empty where it is a text that is no
   * percentage.
   */
  default OptionalInt scaled(int total, RoundingMode rounding) {
    return switch (this) {
      case Whole whole -> OptionalInt.of(whole.value());
      case Text text when text.isPercent() -> {
        BigInteger product =
            new BigInteger(text.value().substring(0, text.value().length() - 1))
                .multiply(BigInteger.valueOf(total));
        yield OptionalInt.of(
            new java.math.BigDecimal(product)
                .divide(java.math.BigDecimal.valueOf(100), 0, rounding)
                .intValue());
      }
      case Text _ -> OptionalInt.empty();
    };
  }
}
