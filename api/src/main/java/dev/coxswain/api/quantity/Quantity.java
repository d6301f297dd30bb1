package dev.coxswain.api.quantity;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An exact amount, such as {@code 500m} or {@code 1Gi}. Amounts are equal when their values are,
 * whatever their notation. The notation and its canonical form are those of apimachinery's {@code
 * resource.Quantity}: at most nine decimals (rounded away from zero), no more than 2⁶³-1, no
 * fraction in the text, the greatest suffix that leaves the number whole.
 *
 * @param value the exact value
 * @param notation how it is written
 */
public record Quantity(BigDecimal value, Notation notation) implements Comparable<Quantity> {

  /** How an amount is written. */
  public enum Notation {
    /** {@code n u m k M G T P E}. */
    DECIMAL,
    /** {@code Ki Mi Gi Ti Pi Ei}. */
    BINARY,
    /** {@code 12e6}. */
    EXPONENT
  }

  /** Longest text that is read, in characters; every meaningful amount is far shorter. */
  public static final int MAXIMUM_LENGTH = 200;

  private static final Pattern SHAPE =
      Pattern.compile("([+-]?)([0-9]*)(\\.([0-9]*))?([a-zA-Z]*[+-]?[0-9]*)");
  private static final Pattern EXPONENT = Pattern.compile("[eE]([+-]?[0-9]{1,4})");
  private static final String DECIMAL_SUFFIXES = "num kMGTPE";
  private static final String BINARY_SUFFIXES = " KMGTPE";
  private static final int MAXIMUM_SCALE = 9;
  private static final BigDecimal MAXIMUM = BigDecimal.valueOf(Long.MAX_VALUE);
  private static final BigInteger KIBI = BigInteger.valueOf(1024);
  private static final BigDecimal KIBI_DECIMAL = BigDecimal.valueOf(1024);

  /** Nothing. */
  public static final Quantity ZERO = new Quantity(BigDecimal.ZERO, Notation.DECIMAL);

  /** Rounds to nine decimals and caps the magnitude. */
  public Quantity {
    if (value.abs().compareTo(MAXIMUM) > 0) {
      value = value.signum() < 0 ? MAXIMUM.negate() : MAXIMUM;
    } else if (value.scale() > MAXIMUM_SCALE) {
      value = value.setScale(MAXIMUM_SCALE, RoundingMode.UP);
    }
  }

  /**
   * Reads an amount.
   *
   * @throws IllegalArgumentException with upstream's words where the text is not one
   */
  public static Quantity parse(String text) {
    if (text.isEmpty() || text.length() > MAXIMUM_LENGTH) {
      throw malformed();
    }
    Matcher shape = SHAPE.matcher(text);
    if (!shape.matches()) {
      throw malformed();
    }
    String whole = shape.group(2);
    String fraction = shape.group(4) == null ? "" : shape.group(4);
    if (whole.isEmpty() && fraction.isEmpty()) {
      throw malformed();
    }
    BigDecimal number =
        new BigDecimal(shape.group(1) + (whole.isEmpty() ? "0" : whole) + "." + (fraction + "0"));
    return scaled(number, shape.group(5));
  }

  private static Quantity scaled(BigDecimal number, String suffix) {
    if (suffix.isEmpty()) {
      return new Quantity(number, Notation.DECIMAL);
    }
    if (suffix.length() == 1) {
      int index = suffix.equals(" ") ? -1 : DECIMAL_SUFFIXES.indexOf(suffix);
      if (index >= 0) {
        return new Quantity(number.scaleByPowerOfTen((index - 3) * 3), Notation.DECIMAL);
      }
    } else if (suffix.length() == 2 && suffix.charAt(1) == 'i') {
      int index = BINARY_SUFFIXES.indexOf(suffix.charAt(0));
      if (index > 0) {
        return new Quantity(number.multiply(KIBI_DECIMAL.pow(index)), Notation.BINARY);
      }
    }
    Matcher exponent = EXPONENT.matcher(suffix);
    if (exponent.matches()) {
      return new Quantity(
          number.scaleByPowerOfTen(Integer.parseInt(exponent.group(1))), Notation.EXPONENT);
    }
    throw new IllegalArgumentException("unable to parse quantity's suffix");
  }

  private static IllegalArgumentException malformed() {
    return new IllegalArgumentException(
        "quantities must match the regular expression"
            + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  }

  /** A whole number. */
  public static Quantity of(long value) {
    return new Quantity(BigDecimal.valueOf(value), Notation.DECIMAL);
  }

  /** A number of thousandths. */
  public static Quantity ofMilli(long thousandths) {
    return new Quantity(BigDecimal.valueOf(thousandths, 3), Notation.DECIMAL);
  }

  /** A number of bytes, written in powers of 1024. */
  public static Quantity ofBytes(long bytes) {
    return new Quantity(BigDecimal.valueOf(bytes), Notation.BINARY);
  }

  /** The sum, in this notation; in the other's where this is nothing. */
  public Quantity add(Quantity other) {
    return new Quantity(value.add(other.value), value.signum() == 0 ? other.notation : notation);
  }

  /** The difference, in this notation. */
  public Quantity subtract(Quantity other) {
    return new Quantity(value.subtract(other.value), notation);
  }

  /** The value, rounded away from zero to a whole number. */
  public long rounded() {
    return clamp(value.setScale(0, RoundingMode.UP));
  }

  /** The value in thousandths, rounded away from zero. */
  public long milli() {
    return clamp(value.scaleByPowerOfTen(3).setScale(0, RoundingMode.UP));
  }

  private static long clamp(BigDecimal whole) {
    return whole.min(MAXIMUM).max(MAXIMUM.negate()).longValue();
  }

  /** -1, 0 or 1. */
  public int signum() {
    return value.signum();
  }

  @Override
  public int compareTo(Quantity other) {
    return value.compareTo(other.value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Quantity quantity && value.compareTo(quantity.value) == 0;
  }

  @Override
  public int hashCode() {
    return value.stripTrailingZeros().hashCode();
  }

  /** The canonical text. */
  @Override
  public String toString() {
    if (value.signum() == 0) {
      return "0";
    }
    boolean binary =
        notation == Notation.BINARY
            && value.abs().compareTo(KIBI_DECIMAL) >= 0
            && value.stripTrailingZeros().scale() <= 0;
    return binary ? binaryText() : decimalText();
  }

  private String binaryText() {
    BigInteger number = value.toBigIntegerExact();
    int power = 0;
    while (power < BINARY_SUFFIXES.length() - 1) {
      BigInteger[] divided = number.divideAndRemainder(KIBI);
      if (divided[1].signum() != 0) {
        break;
      }
      number = divided[0];
      power++;
    }
    return power == 0 ? number.toString() : number.toString() + BINARY_SUFFIXES.charAt(power) + "i";
  }

  private String decimalText() {
    BigDecimal stripped = value.stripTrailingZeros();
    int exponent = Math.floorDiv(-stripped.scale(), 3) * 3;
    if (notation != Notation.EXPONENT) {
      exponent = Math.min(exponent, 18);
    }
    String number = stripped.scaleByPowerOfTen(-exponent).toBigIntegerExact().toString();
    if (exponent == 0) {
      return number;
    }
    return notation == Notation.EXPONENT
        ? number + "e" + exponent
        : number + DECIMAL_SUFFIXES.charAt(exponent / 3 + 3);
  }
}
