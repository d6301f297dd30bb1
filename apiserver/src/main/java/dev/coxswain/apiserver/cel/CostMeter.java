package dev.coxswain.apiserver.cel;

import com.google.common.collect.ImmutableList;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelEvaluationListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Counts what an evaluation costs, step by step, and ends it at a limit. The prices are upstream's:
 * one for each name and each simple function; more for what looks at texts and lists as a whole.
 */
final class CostMeter implements CelEvaluationListener {
  private final long limit;
  private final Map<Long, Object> latest = new HashMap<>();
  private long cost;

  CostMeter(long limit) {
    this.limit = limit;
  }

  long cost() {
    return cost;
  }

  boolean exceeded() {
    return cost > limit;
  }

  /** Ends an evaluation. Thrown at every step from the limit on, since || and && forgive errors. */
  private static final class LimitExceededException extends RuntimeException {
    private static final long serialVersionUID = 1;

    LimitExceededException() {
      super("operation cancelled: actual cost limit exceeded", null, false, false);
    }
  }

  @Override
  public void callback(CelExpr expression, @Nullable Object value) {
    if (value != null) {
      latest.put(expression.id(), value);
    }
    cost +=
        switch (expression.getKind()) {
          case IDENT -> Prices.NAME;
          case SELECT -> expression.select().testOnly() ? 0 : Prices.NAME;
          case CALL -> call(expression.call(), value);
          case LIST -> Prices.LIST;
          case MAP -> Prices.MAP;
          case STRUCT -> Prices.STRUCT;
          case CONSTANT, COMPREHENSION, NOT_SET -> 0;
        };
    if (exceeded()) {
      throw new LimitExceededException();
    }
  }

  private long call(CelExpr.CelCall call, @Nullable Object result) {
    List<@Nullable Object> arguments = new ArrayList<>();
    call.target().ifPresent(target -> arguments.add(latest.get(target.id())));
    ImmutableList<CelExpr> rest = call.args();
    rest.forEach(argument -> arguments.add(latest.get(argument.id())));
    return switch (call.function()) {
      case "_&&_", "_||_", "_?_:_" -> 0;
      case "check" -> Prices.AUTHORIZATION;
      case "isSorted", "sum", "max", "min", "indexOf", "lastIndexOf" -> traversal(at(arguments, 0));
      case "url",
          "lowerAscii",
          "upperAscii",
          "substring",
          "trim",
          "cidr",
          "isIP",
          "isCIDR",
          "quantity",
          "isQuantity",
          "semver",
          "isSemver",
          "startsWith",
          "endsWith",
          "format",
          "strings.quote" ->
          Prices.text(size(at(arguments, 0)));
      case "ip" -> at(arguments, 0) instanceof String text ? Prices.text(size(text)) : 1;
      case "ip.isCanonical", "replace", "split" -> Prices.text(2 * size(at(arguments, 0)));
      case "join" -> Prices.text(2 * size(result));
      case "find", "findAll", "matches" ->
          Prices.regex(size(at(arguments, 0)), size(at(arguments, 1)));
      case "validate" -> Prices.regex(size(at(arguments, 1)), Prices.FORMAT);
      case "contains" -> Prices.text(size(at(arguments, 0))) * Prices.text(size(at(arguments, 1)));
      case "@in" -> at(arguments, 1) instanceof List<?> list ? list.size() : 1;
      case "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_" ->
          Prices.text(Math.min(size(at(arguments, 0)), size(at(arguments, 1))));
      case "_+_" -> sum(at(arguments, 0), at(arguments, 1));
      default -> 1;
    };
  }

  private static long sum(@Nullable Object one, @Nullable Object other) {
    boolean texts = one instanceof String || one instanceof CelByteString;
    return texts ? Prices.text(size(one) + size(other)) : 1;
  }

  private static @Nullable Object at(List<@Nullable Object> arguments, int index) {
    return index < arguments.size() ? arguments.get(index) : null;
  }

  private static long size(@Nullable Object value) {
    return switch (value) {
      case String text -> text.codePointCount(0, text.length());
      case CelByteString bytes -> bytes.size();
      case List<?> list -> list.size();
      case Map<?, ?> map -> map.size();
      case Optional<?> optional when optional.isPresent() -> size(optional.get());
      case null, default -> 1;
    };
  }

  private static long traversal(@Nullable Object value) {
    return switch (value) {
      case String text -> Prices.text(text.length());
      case CelByteString bytes -> Prices.text(bytes.size());
      case List<?> list -> {
        long sum = 0;
        for (Object element : list) {
          sum += traversal(element);
        }
        yield sum;
      }
      case null, default -> 1;
    };
  }
}
