package dev.coxswain.apiserver.cel.library;

import static dev.coxswain.apiserver.cel.library.ExtensionFunction.member;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import dev.coxswain.apiserver.cel.library.ExtensionFunction.Parameter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** {@code '%s has %d'.format([name, count])}. */
final class StringFormatting {
  private static final int DEFAULT_PRECISION = 6;
  private static final int MAXIMUM_PRECISION = 1000;

  private StringFormatting() {}

  static List<ExtensionFunction> all() {
    return List.of(
        member(
            "format",
            "string_format",
            SimpleType.STRING,
            List.of(Values.STRING, new Parameter(ListType.create(SimpleType.DYN), List.class)),
            a -> format((String) a[0], (List<?>) a[1])));
  }

  private static String format(String pattern, List<?> arguments) {
    StringBuilder text = new StringBuilder();
    int used = 0;
    int i = 0;
    while (i < pattern.length()) {
      char c = pattern.charAt(i++);
      if (c != '%') {
        text.append(c);
        continue;
      }
      if (i == pattern.length()) {
        throw new CelInvalidArgumentException("unexpected end of string");
      }
      if (pattern.charAt(i) == '%') {
        text.append('%');
        i++;
        continue;
      }
      int precision = -1;
      if (pattern.charAt(i) == '.') {
        int end = i + 1;
        while (end < pattern.length() && Character.isDigit(pattern.charAt(end))) {
          end++;
        }
        precision = precision(pattern.substring(i + 1, end));
        i = end;
      }
      if (i == pattern.length()) {
        throw new CelInvalidArgumentException("unexpected end of string");
      }
      if (used >= arguments.size()) {
        throw new CelInvalidArgumentException("index " + used + " out of range");
      }
      text.append(clause(pattern.charAt(i++), precision, arguments.get(used++)));
    }
    return text.toString();
  }

  private static int precision(String digits) {
    if (digits.isEmpty() || digits.length() > 4 || Integer.parseInt(digits) > MAXIMUM_PRECISION) {
      throw new CelInvalidArgumentException("error while converting precision to integer");
    }
    return Integer.parseInt(digits);
  }

  private static String clause(char verb, int precision, Object value) {
    return switch (verb) {
      case 's' -> text(value);
      case 'd' ->
          switch (value) {
            case Long number -> number.toString();
            case UnsignedLong number -> number.toString();
            case Double number when !Double.isFinite(number) -> text(number);
            default -> throw refused("decimal clause can only be used on integers", value);
          };
      case 'f' -> fixed(value, precision < 0 ? DEFAULT_PRECISION : precision);
      case 'e' -> scientific(value, precision < 0 ? DEFAULT_PRECISION : precision);
      case 'b' ->
          switch (value) {
            case Long number ->
                number < 0 ? "-" + Long.toBinaryString(-number) : Long.toBinaryString(number);
            case UnsignedLong number -> number.toString(2);
            case Boolean flag -> flag ? "1" : "0";
            default -> throw refused("only integers and bools can be formatted as binary", value);
          };
      case 'o' ->
          switch (value) {
            case Long number -> Long.toString(number, 8);
            case UnsignedLong number -> number.toString(8);
            default -> throw refused("octal clause can only be used on integers", value);
          };
      case 'x' -> hex(value);
      case 'X' -> hex(value).toUpperCase(Locale.ROOT);
      default ->
          throw new CelInvalidArgumentException("unrecognized formatting clause \"" + verb + "\"");
    };
  }

  private static String hex(Object value) {
    return switch (value) {
      case Long number -> Long.toString(number, 16);
      case UnsignedLong number -> number.toString(16);
      case String text -> HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
      case CelByteString bytes -> HexFormat.of().formatHex(bytes.toByteArray());
      default ->
          throw refused("only integers, byte buffers, and strings can be formatted as hex", value);
    };
  }

  private static String fixed(Object value, int precision) {
    double number = number("fixed-point", value);
    return Double.isFinite(number)
        ? new BigDecimal(number).setScale(precision, RoundingMode.HALF_EVEN).toPlainString()
        : text(number);
  }

  private static String scientific(Object value, int precision) {
    double number = number("scientific", value);
    return Double.isFinite(number)
        ? String.format(Locale.ROOT, "%." + precision + "e", number)
        : text(number);
  }

  private static double number(String clause, Object value) {
    return switch (value) {
      case Double number -> number;
      case Long number -> number.doubleValue();
      case UnsignedLong number -> number.doubleValue();
      default -> throw refused(clause + " clause can only be used on doubles", value);
    };
  }

  private static String text(Object value) {
    return switch (value) {
      case String text -> text;
      case Double number -> decimal(number);
      case NullValue _ -> "null";
      case CelByteString bytes -> bytes.toStringUtf8();
      case Instant time -> time.toString();
      case Duration duration -> seconds(duration);
      case TypeType type -> type.containingTypeName();
      case CelType type -> type.name();
      case List<?> list ->
          list.stream().map(StringFormatting::text).collect(Collectors.joining(", ", "[", "]"));
      case Map<?, ?> map -> {
        Map<String, String> sorted = new TreeMap<>();
        map.forEach((key, entry) -> sorted.put(text(key), text(entry)));
        yield sorted.entrySet().stream()
            .map(entry -> entry.getKey() + ": " + entry.getValue())
            .collect(Collectors.joining(", ", "{", "}"));
      }
      case Long _, UnsignedLong _, Boolean _ -> value.toString();
      default ->
          throw refused(
              "string clause can only be used on strings, bools, bytes, ints, doubles, maps,"
                  + " lists, types, durations, and timestamps",
              value);
    };
  }

  private static String decimal(double number) {
    if (Double.isNaN(number)) {
      return "NaN";
    }
    if (Double.isInfinite(number)) {
      return number > 0 ? "Infinity" : "-Infinity";
    }
    BigDecimal exact = BigDecimal.valueOf(number).stripTrailingZeros();
    return exact.signum() == 0 ? "0" : exact.toPlainString();
  }

  private static String seconds(Duration duration) {
    BigDecimal seconds =
        BigDecimal.valueOf(duration.getSeconds())
            .add(BigDecimal.valueOf(duration.getNano(), 9))
            .stripTrailingZeros();
    return seconds.toPlainString() + "s";
  }

  private static CelInvalidArgumentException refused(String rule, Object value) {
    return new CelInvalidArgumentException(
        "error during formatting: " + rule + ", was given " + value.getClass().getSimpleName());
  }
}
