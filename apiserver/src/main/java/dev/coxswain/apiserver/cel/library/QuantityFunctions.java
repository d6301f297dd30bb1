package dev.coxswain.apiserver.cel.library;

import static dev.coxswain.apiserver.cel.library.ExtensionFunction.global;
import static dev.coxswain.apiserver.cel.library.ExtensionFunction.member;
import static dev.coxswain.apiserver.cel.library.Values.INT;
import static dev.coxswain.apiserver.cel.library.Values.STRING;

import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.apiserver.cel.library.ExtensionFunction.Parameter;
import java.math.BigDecimal;
import java.util.List;

/** {@code quantity('1.5Gi')} and what can be asked of it. */
public final class QuantityFunctions {
  /** The type of quantities. */
  public static final OpaqueType TYPE = OpaqueType.create("kubernetes.Quantity");

  private static final Parameter QUANTITY = new Parameter(TYPE, Quantity.class);
  private static final List<Parameter> ONE = List.of(QUANTITY);
  private static final List<Parameter> TWO = List.of(QUANTITY, QUANTITY);
  private static final List<Parameter> WITH_INT = List.of(QUANTITY, INT);

  private QuantityFunctions() {}

  static List<ExtensionFunction> all() {
    return List.of(
        global(
            "quantity",
            "string_to_quantity",
            TYPE,
            List.of(STRING),
            arguments -> parse((String) arguments[0])),
        global(
            "isQuantity",
            "is_quantity_string",
            SimpleType.BOOL,
            List.of(STRING),
            arguments -> valid((String) arguments[0])),
        member("sign", "quantity_sign", SimpleType.INT, ONE, a -> (long) first(a).signum()),
        member("isInteger", "quantity_is_integer", SimpleType.BOOL, ONE, a -> whole(first(a))),
        member("asInteger", "quantity_get_int", SimpleType.INT, ONE, a -> integer(first(a))),
        member(
            "asApproximateFloat",
            "quantity_get_float",
            SimpleType.DOUBLE,
            ONE,
            a -> first(a).value().doubleValue()),
        member(
            "isGreaterThan",
            "quantity_is_greater_than",
            SimpleType.BOOL,
            TWO,
            a -> first(a).compareTo(second(a)) > 0),
        member(
            "isLessThan",
            "quantity_is_less_than",
            SimpleType.BOOL,
            TWO,
            a -> first(a).compareTo(second(a)) < 0),
        member(
            "compareTo",
            "quantity_compare_to",
            SimpleType.INT,
            TWO,
            a -> (long) Integer.signum(first(a).compareTo(second(a)))),
        member("add", "quantity_add", TYPE, TWO, a -> first(a).add(second(a))),
        member(
            "add", "quantity_add_int", TYPE, WITH_INT, a -> first(a).add(Quantity.of((Long) a[1]))),
        member("sub", "quantity_sub", TYPE, TWO, a -> first(a).subtract(second(a))),
        member(
            "sub",
            "quantity_sub_int",
            TYPE,
            WITH_INT,
            a -> first(a).subtract(Quantity.of((Long) a[1]))));
  }

  private static Quantity first(Object[] arguments) {
    return (Quantity) arguments[0];
  }

  private static Quantity second(Object[] arguments) {
    return (Quantity) arguments[1];
  }

  private static Quantity parse(String text) {
    try {
      return Quantity.parse(text);
    } catch (IllegalArgumentException malformed) {
      throw new CelBadFormatException(
          "quantities must match the regular expression"
              + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
    }
  }

  private static boolean valid(String text) {
    try {
      Quantity.parse(text);
      return true;
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }

  private static boolean whole(Quantity quantity) {
    BigDecimal value = quantity.value().stripTrailingZeros();
    return value.scale() <= 0 && value.precision() - value.scale() <= 19 && fits(value);
  }

  private static boolean fits(BigDecimal value) {
    return value.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0
        && value.compareTo(BigDecimal.valueOf(Long.MIN_VALUE)) >= 0;
  }

  private static long integer(Quantity quantity) {
    if (!whole(quantity)) {
      throw new CelInvalidArgumentException("cannot convert value to integer");
    }
    return quantity.value().longValue();
  }
}
