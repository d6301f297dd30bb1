package dev.coxswain.apiserver.cel;

import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.coxswain.apiserver.cel.CostEstimator.Operand;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a call costs with all its arguments, but without what stands before the dot.
 *
 * @param cost between what bounds
 * @param result how large the result is; null where nothing more is known than its type
 */
record CallCost(Range cost, @Nullable Range result) {
  /** The bytes of an address. */
  private static final Range ADDRESS = new Range(4, 16);

  static CallCost of(
      String function,
      String overload,
      @Nullable Operand target,
      List<Operand> arguments,
      List<Range> costs,
      CostEstimator estimator) {
    Range given = Range.NOTHING;
    for (Range cost : costs) {
      given = given.plus(cost);
    }
    return switch (overload) {
      case "logical_or", "logical_and" -> costs(new Range(costs.get(0).least(), given.most()));
      case "conditional" ->
          new CallCost(
              costs.get(0).plus(costs.get(1).or(costs.get(2))),
              arguments.get(1).size().or(arguments.get(2).size()));
      default -> {
        CallCost own =
            target == null
                ? global(function, overload, arguments)
                : member(function, overload, target, arguments, estimator);
        yield new CallCost(own.cost.plus(given), own.result);
      }
    };
  }

  private static CallCost costs(Range cost) {
    return new CallCost(cost, null);
  }

  private static CallCost global(String function, String overload, List<Operand> arguments) {
    Range first = arguments.isEmpty() ? Range.ONE : arguments.getFirst().size();
    Range second = arguments.size() < 2 ? Range.ONE : arguments.get(1).size();
    return switch (overload) {
      case "string_to_bytes" ->
          new CallCost(first.times(Prices.TEXT), first.times(new Range(1, 4)));
      case "bytes_to_string" ->
          new CallCost(first.times(Prices.TEXT), new Range(first.least() / 4, first.most()));
      case "strings_quote" ->
          new CallCost(
              first.times(Prices.TEXT), first.times(new Range(1, 2)).plus(Range.exactly(2)));
      case "string_to_url" -> new CallCost(first.times(Prices.TEXT), first);
      case "in_list" -> costs(second);
      case "matches" -> costs(regex(first, second));
      case "add_string", "add_bytes" -> {
        Range sum = first.plus(second);
        yield new CallCost(sum.times(Prices.TEXT), sum);
      }
      case "add_list" -> new CallCost(Range.ONE, first.plus(second));
      case "ip_is_canonical" -> costs(first.times(2 * Prices.TEXT));
      default ->
          switch (function) {
            case "cidr", "isIP", "isCIDR", "ip", "quantity", "isQuantity", "semver", "isSemver" ->
                costs(first.times(Prices.TEXT));
            case "_==_", "_!=_" -> costs(equality(arguments));
            case "_<_", "_<=_", "_>_", "_>=_" ->
                costs(textual(arguments.getFirst().type()) ? compared(first, second) : Range.ONE);
            default -> costs(Range.ONE);
          };
    };
  }

  private static boolean textual(CelType type) {
    return type.kind() == CelKind.STRING || type.kind() == CelKind.BYTES;
  }

  private static Range equality(List<Operand> arguments) {
    CelType one = arguments.get(0).type();
    boolean own = one.name().startsWith("kubernetes.") || one.name().startsWith("net.");
    return own ? Range.ONE : compared(arguments.get(0).size(), arguments.get(1).size());
  }

  private static Range compared(Range one, Range other) {
    long most = Math.min(one.most(), other.most());
    return new Range(Math.min(1, most), most).times(Prices.TEXT);
  }

  private static Range regex(Range text, Range pattern) {
    return text.plus(Range.ONE).times(Prices.TEXT).times(pattern.times(Prices.PATTERN));
  }

  private static CallCost member(
      String function,
      String overload,
      Operand target,
      List<Operand> arguments,
      CostEstimator estimator) {
    Range text = target.size();
    Range first = arguments.isEmpty() ? Range.ONE : arguments.getFirst().size();
    return switch (function) {
      case "check" -> costs(Range.exactly(Prices.AUTHORIZATION));
      case "isSorted", "sum", "max", "min", "indexOf", "lastIndexOf" ->
          costs(searched(target, estimator));
      case "lowerAscii", "upperAscii", "substring", "trim" ->
          new CallCost(text.times(Prices.TEXT), text);
      case "replace" -> replace(text, arguments);
      case "split" -> split(text, arguments);
      case "join" -> join(target, arguments, estimator);
      case "find", "findAll" -> new CallCost(regex(text, first), new Range(0, text.most()));
      case "matches" -> costs(regex(text, first));
      case "contains" -> costs(text.times(Prices.TEXT).times(first.times(Prices.TEXT)));
      case "startsWith", "endsWith" -> costs(first.times(Prices.TEXT));
      case "format" -> costs(text.times(Prices.TEXT));
      case "validate" -> costs(first.times(Prices.TEXT).times(Prices.FORMAT * Prices.PATTERN));
      case "containsIP", "containsCIDR" -> costs(contained(overload, first));
      default -> costs(Range.ONE);
    };
  }

  private static Range contained(String overload, Range text) {
    Range cost = ADDRESS.plus(ADDRESS).times(Prices.TEXT);
    if (overload.startsWith("cidr_contains_cidr")) {
      cost = cost.plus(ADDRESS.times(Prices.TEXT)).plus(Range.ONE);
    }
    return overload.endsWith("string") ? cost.plus(text.times(Prices.TEXT)) : cost;
  }

  /** Every element is looked at, and of texts every character. */
  private static Range searched(Operand list, CostEstimator estimator) {
    if (list.type().kind() != CelKind.LIST) {
      return list.size().times(Prices.TEXT);
    }
    Range each = Range.ONE;
    if (textual(list.type().parameters().getFirst())) {
      each = each.plus(elements(list, estimator).times(Prices.TEXT));
    }
    return list.size().times(each);
  }

  private static Range elements(Operand list, CostEstimator estimator) {
    List<String> path = new ArrayList<>(list.path());
    if (path.isEmpty()) {
      return Range.UNKNOWN;
    }
    path.add("@items");
    Range declared = estimator.declared(path);
    return declared == null ? Range.UNKNOWN : declared;
  }

  private static CallCost replace(Range text, List<Operand> arguments) {
    Range from = arguments.get(0).size();
    Range to = arguments.get(1).size();
    long most;
    if (from.least() == 0) {
      most = Range.plus(Range.times(Range.plus(text.most(), 1), to.most()), text.most());
    } else if (to.most() <= from.least()) {
      most = text.most();
    } else {
      most = Range.times((long) Math.ceil((double) text.most() / from.least()), to.most());
    }
    long least;
    if (from.most() == 0) {
      least = Range.plus(Range.times(Range.plus(text.least(), 1), to.least()), text.least());
    } else if (from.most() <= to.least()) {
      least = text.least();
    } else {
      least = Range.times((long) Math.ceil((double) text.least() / from.most()), to.least());
    }
    return new CallCost(text.times(2 * Prices.TEXT), new Range(least, most));
  }

  private static CallCost split(Range text, List<Operand> arguments) {
    long most = text.most();
    if (arguments.size() > 1) {
      CelExpr limit = arguments.get(1).expression();
      if (limit.getKind() == CelExpr.ExprKind.Kind.CONSTANT
          && limit.constant().getKind() == CelConstant.Kind.INT64_VALUE
          && limit.constant().int64Value() >= 0) {
        most = limit.constant().int64Value();
      }
    }
    return new CallCost(text.times(2 * Prices.TEXT), new Range(0, most));
  }

  private static CallCost join(Operand list, List<Operand> arguments, CostEstimator estimator) {
    Range size = list.size().times(elements(list, estimator));
    if (!arguments.isEmpty()) {
      Range separators =
          new Range(Math.max(0, list.size().least() - 1), Math.max(0, list.size().most() - 1));
      size = size.plus(arguments.getFirst().size().times(separators));
    }
    return new CallCost(size.times(Prices.TEXT), size);
  }
}
