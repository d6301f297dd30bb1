package dev.coxswain.apiserver.cel.library;

import static dev.coxswain.apiserver.cel.library.ExtensionFunction.member;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.exceptions.CelNumericOverflowException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import dev.cel.common.values.CelByteString;
import dev.coxswain.apiserver.cel.library.ExtensionFunction.Parameter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BinaryOperator;

/**
 * {@code isSorted}, {@code sum}, {@code min}, {@code max}, {@code indexOf}, {@code lastIndexOf}.
 */
final class ListFunctions {
  private static final TypeParamType ELEMENT = TypeParamType.create("T");

  private ListFunctions() {}

  /** A type whose values have an order. */
  private record Ordered(String name, CelType type, Comparator<Object> order) {}

  private static <T extends Comparable<T>> Ordered ordered(
      String name, CelType type, Class<T> values) {
    return new Ordered(name, type, Comparator.comparing(values::cast));
  }

  private static final List<Ordered> ORDERED =
      List.of(
          ordered("int", SimpleType.INT, Long.class),
          ordered("uint", SimpleType.UINT, UnsignedLong.class),
          ordered("double", SimpleType.DOUBLE, Double.class),
          ordered("bool", SimpleType.BOOL, Boolean.class),
          ordered("duration", SimpleType.DURATION, Duration.class),
          ordered("timestamp", SimpleType.TIMESTAMP, Instant.class),
          ordered("string", SimpleType.STRING, String.class),
          new Ordered(
              "bytes",
              SimpleType.BYTES,
              Comparator.comparing(
                  CelByteString.class::cast, CelByteString.unsignedLexicographicalComparator())));

  static List<ExtensionFunction> all() {
    List<ExtensionFunction> functions = new ArrayList<>();
    for (Ordered ordered : ORDERED) {
      String name = ordered.name();
      Comparator<Object> order = ordered.order();
      List<Parameter> list = list(ordered.type());
      functions.add(
          member(
              "isSorted",
              "list_" + name + "_is_sorted_bool",
              SimpleType.BOOL,
              list,
              arguments -> sorted(elements(arguments), order)));
      functions.add(
          member(
              "max",
              "list_" + name + "_max_" + name,
              ordered.type(),
              list,
              arguments -> extreme("max", elements(arguments), order)));
      functions.add(
          member(
              "min",
              "list_" + name + "_min_" + name,
              ordered.type(),
              list,
              arguments -> extreme("min", elements(arguments), order.reversed())));
    }
    sum(functions, "int", SimpleType.INT, 0L, (a, b) -> exact((Long) a, (Long) b));
    sum(
        functions,
        "uint",
        SimpleType.UINT,
        UnsignedLong.ZERO,
        (a, b) -> ((UnsignedLong) a).plus((UnsignedLong) b));
    sum(functions, "double", SimpleType.DOUBLE, 0.0, (a, b) -> (Double) a + (Double) b);
    sum(
        functions,
        "duration",
        SimpleType.DURATION,
        Duration.ZERO,
        (a, b) -> ((Duration) a).plus((Duration) b));
    List<Parameter> search =
        List.of(
            new Parameter(ListType.create(ELEMENT), List.class),
            new Parameter(ELEMENT, Object.class));
    functions.add(
        member(
            "indexOf",
            "list_a_index_of_int",
            SimpleType.INT,
            search,
            arguments -> (long) elements(arguments).indexOf(arguments[1])));
    functions.add(
        member(
            "lastIndexOf",
            "list_a_last_index_of_int",
            SimpleType.INT,
            search,
            arguments -> (long) elements(arguments).lastIndexOf(arguments[1])));
    return functions;
  }

  private static List<Parameter> list(CelType element) {
    return List.of(new Parameter(ListType.create(element), List.class));
  }

  private static List<?> elements(Object[] arguments) {
    return (List<?>) arguments[0];
  }

  private static boolean sorted(List<?> list, Comparator<Object> order) {
    for (int i = 1; i < list.size(); i++) {
      if (order.compare(list.get(i - 1), list.get(i)) > 0) {
        return false;
      }
    }
    return true;
  }

  private static Object extreme(String name, List<?> list, Comparator<Object> order) {
    Object best = null;
    for (Object element : list) {
      best = best == null || order.compare(element, best) > 0 ? element : best;
    }
    if (best == null) {
      throw new CelInvalidArgumentException(name + " called on empty list");
    }
    return best;
  }

  private static void sum(
      List<ExtensionFunction> functions,
      String name,
      CelType type,
      Object zero,
      BinaryOperator<Object> plus) {
    functions.add(
        member(
            "sum",
            "list_" + name + "_sum_" + name,
            type,
            list(type),
            arguments -> {
              Object sum = zero;
              for (Object element : elements(arguments)) {
                sum = plus.apply(sum, element);
              }
              return sum;
            }));
  }

  private static long exact(long a, long b) {
    try {
      return Math.addExact(a, b);
    } catch (ArithmeticException e) {
      throw new CelNumericOverflowException("integer overflow");
    }
  }
}
