package dev.coxswain.apiserver.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OptionalType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says before an expression is ever evaluated what it can cost at most, from how large the values
 * can be that the schema allows. Reckons as upstream does, because the outcome decides which rules
 * may be written.
 */
final class CostEstimator {
  private final CelAbstractSyntaxTree tree;
  private final ValueType root;
  private final Map<Long, List<String>> paths = new HashMap<>();
  private final Map<Long, Range> sizes = new HashMap<>();
  private final Map<Long, Entries> entries = new HashMap<>();
  private final Map<String, Deque<Local>> locals = new HashMap<>();

  /** How large the keys and values of a list or map are that the expression itself makes. */
  record Entries(boolean list, Range keys, Range values) {}

  /** A variable of a macro. */
  private record Local(List<String> path, @Nullable Range size, @Nullable Entries entries) {}

  /** A value that is handed to a function. */
  record Operand(CelExpr expression, CelType type, List<String> path, Range size) {}

  CostEstimator(CelAbstractSyntaxTree tree, ValueType root) {
    this.tree = tree;
    this.root = root;
  }

  long estimate() {
    return cost(tree.getExpr()).most();
  }

  private Range cost(CelExpr expression) {
    return switch (expression.getKind()) {
      case IDENT -> {
        String name = expression.ident().name();
        Local local = local(name);
        paths.put(expression.id(), local == null ? List.of(name) : local.path());
        yield Range.ONE;
      }
      case SELECT -> select(expression);
      case CALL -> call(expression);
      case LIST -> list(expression);
      case MAP -> map(expression);
      case STRUCT -> {
        Range sum = Range.exactly(Prices.STRUCT);
        for (CelExpr.CelStruct.Entry entry : expression.struct().entries()) {
          sum = sum.plus(cost(entry.value()));
        }
        yield sum;
      }
      case COMPREHENSION -> comprehension(expression);
      case CONSTANT, NOT_SET -> Range.NOTHING;
    };
  }

  private Range select(CelExpr expression) {
    CelExpr.CelSelect select = expression.select();
    Range sum = cost(select.operand());
    if (select.testOnly()) {
      return sum;
    }
    paths.put(expression.id(), with(path(select.operand()), select.field()));
    return switch (type(select.operand()).kind()) {
      case MAP, STRUCT, TYPE_PARAM -> sum.plus(Range.ONE);
      default -> sum;
    };
  }

  private Range call(CelExpr expression) {
    CelExpr.CelCall call = expression.call();
    if (call.function().equals("dyn")) {
      Range cost = cost(call.args().getFirst()).plus(Range.ONE);
      copySizes(expression, call.args().getFirst());
      return cost;
    }
    List<Operand> operands = new ArrayList<>();
    List<Range> costs = new ArrayList<>();
    Operand target = null;
    for (CelExpr argument : call.args()) {
      costs.add(cost(argument));
      operands.add(operand(argument));
    }
    Range sum = Range.NOTHING;
    if (call.target().isPresent()) {
      sum = cost(call.target().get());
      target = operand(call.target().get());
    }
    Range total = Range.EMPTY;
    Range result = null;
    for (String overload : tree.getReferenceOrThrow(expression.id()).overloadIds()) {
      CallCost one = CallCost.of(call.function(), overload, target, operands, costs, this);
      total = total.or(one.cost());
      if (one.result() != null) {
        result = result == null ? one.result() : result.or(one.result());
      }
      switch (overload) {
        case "index_list", "index_map" -> {
          Entries inner = entries(call.args().getFirst());
          result = inner == null ? null : inner.values();
          String step = overload.equals("index_list") ? "@items" : "@values";
          paths.put(expression.id(), with(path(call.args().getFirst()), step));
        }
        case "conditional" -> joined(expression, call.args().get(1), call.args().get(2));
        case "add_list" -> joined(expression, call.args().get(0), call.args().get(1));
        default -> {}
      }
      result = result == null ? size(expression) : result;
    }
    if (result != null) {
      sizes.put(expression.id(), result);
    }
    return sum.plus(total);
  }

  /** The entries of a value that comes from either of two. */
  private void joined(CelExpr expression, CelExpr one, CelExpr other) {
    Entries a = entries(one);
    Entries b = entries(other);
    if (a != null && b != null) {
      entries.put(
          expression.id(), new Entries(a.list(), a.keys().or(b.keys()), a.values().or(b.values())));
    }
  }

  private Range list(CelExpr expression) {
    Range sum = Range.exactly(Prices.LIST);
    Range element = expression.list().elements().isEmpty() ? Range.NOTHING : Range.EMPTY;
    for (CelExpr one : expression.list().elements()) {
      sum = sum.plus(cost(one));
      element = element.or(sizeOrUnknown(one));
    }
    entries.put(expression.id(), new Entries(true, Range.ONE, element));
    return sum;
  }

  private Range map(CelExpr expression) {
    Range sum = Range.exactly(Prices.MAP);
    boolean none = expression.map().entries().isEmpty();
    Range keys = none ? Range.NOTHING : Range.EMPTY;
    Range values = keys;
    for (CelExpr.CelMap.Entry entry : expression.map().entries()) {
      sum = sum.plus(cost(entry.key())).plus(cost(entry.value()));
      keys = keys.or(sizeOrUnknown(entry.key()));
      values = values.or(sizeOrUnknown(entry.value()));
    }
    entries.put(expression.id(), new Entries(false, keys, values));
    return sum;
  }

  private Range comprehension(CelExpr expression) {
    CelExpr.CelComprehension loop = expression.comprehension();
    Range sum = cost(loop.iterRange()).plus(cost(loop.accuInit()));
    push(
        loop.accuVar(),
        new Local(path(loop.accuInit()), size(loop.accuInit()), entries(loop.accuInit())));
    boolean pairs = !loop.iterVar2().isEmpty();
    if (pairs) {
      push(loop.iterVar(), key(loop.iterRange()));
      push(loop.iterVar2(), value(loop.iterRange()));
    } else {
      push(
          loop.iterVar(),
          overList(loop.iterRange()) ? value(loop.iterRange()) : key(loop.iterRange()));
    }
    Range condition = cost(loop.loopCondition());
    Range step = cost(loop.loopStep());
    pop(loop.iterVar());
    if (pairs) {
      pop(loop.iterVar2());
    }
    sum = sum.plus(cost(loop.result()));
    pop(loop.accuVar());
    Range rounds = sizeOrUnknown(loop.iterRange());
    switch (loop.accuInit().getKind()) {
      case CONSTANT -> {
        Range size = size(loop.accuInit());
        if (size != null) {
          sizes.put(expression.id(), size);
        }
      }
      case LIST, MAP -> {
        sizes.put(expression.id(), rounds);
        Entries inner = entries(loop.loopStep());
        if (inner != null) {
          entries.put(expression.id(), inner);
        }
      }
      default -> {}
    }
    return sum.plus(rounds.times(condition.plus(step)));
  }

  private boolean overList(CelExpr range) {
    Entries inner = entries(range);
    return inner == null ? type(range).kind() == CelKind.LIST : inner.list();
  }

  private Local key(CelExpr range) {
    Entries inner = entries(range);
    String step = overList(range) ? "@indices" : "@keys";
    return new Local(with(path(range), step), inner == null ? null : inner.keys(), null);
  }

  private Local value(CelExpr range) {
    Entries inner = entries(range);
    String step = overList(range) ? "@items" : "@values";
    return new Local(with(path(range), step), inner == null ? null : inner.values(), null);
  }

  private void push(String name, Local local) {
    locals.computeIfAbsent(name, _ -> new ArrayDeque<>()).push(local);
  }

  private void pop(String name) {
    Deque<Local> stack = locals.get(name);
    if (stack != null) {
      stack.pop();
    }
  }

  private @Nullable Local local(String name) {
    Deque<Local> stack = locals.get(name);
    return stack == null ? null : stack.peek();
  }

  private Operand operand(CelExpr expression) {
    List<String> path = path(expression);
    boolean accumulated = !path.isEmpty() && path.getFirst().startsWith("@result");
    return new Operand(
        expression, type(expression), accumulated ? List.of() : path, sizeOrUnknown(expression));
  }

  private CelType type(CelExpr expression) {
    return tree.getTypeOrThrow(expression.id());
  }

  private List<String> path(CelExpr expression) {
    if (expression.getKind() == CelExpr.ExprKind.Kind.IDENT) {
      Local local = local(expression.ident().name());
      if (local != null) {
        return local.path();
      }
    }
    return paths.getOrDefault(expression.id(), List.of());
  }

  /**
   * One step on. What was made on the way has no path, yet its parts have one, of this step alone:
   * they count as large as the root, which is how Kubernetes comes to take rules such as {@code
   * (has(self.a) ? self.a : []).exists(…)}.
   */
  private static List<String> with(List<String> path, String step) {
    List<String> longer = new ArrayList<>(path);
    longer.add(step);
    return longer;
  }

  private void copySizes(CelExpr to, CelExpr from) {
    Range size = size(from);
    if (size != null) {
      sizes.put(to.id(), size);
    }
    Entries inner = entries(from);
    if (inner != null) {
      entries.put(to.id(), inner);
    }
  }

  private Range sizeOrUnknown(CelExpr expression) {
    Range size = size(expression);
    return size == null ? Range.UNKNOWN : size;
  }

  private @Nullable Range size(CelExpr expression) {
    Range known = sizes.get(expression.id());
    if (known == null) {
      known = literal(expression);
    }
    if (known == null) {
      known = declared(path(expression));
    }
    if (known == null && scalar(type(expression))) {
      known = Range.ONE;
    }
    if (known == null && expression.getKind() == CelExpr.ExprKind.Kind.IDENT) {
      Local local = local(expression.ident().name());
      known = local == null ? null : local.size();
    }
    return known;
  }

  /** How large the schema allows a value to be; null where it is not one of the schema's. */
  @Nullable Range declared(List<String> path) {
    if (path.isEmpty()) {
      return null;
    }
    ValueType type = root.at(path.subList(1, path.size()));
    return type == null ? null : new Range(0, type.largest());
  }

  private static @Nullable Range literal(CelExpr expression) {
    return switch (expression.getKind()) {
      case CONSTANT -> {
        CelConstant constant = expression.constant();
        yield switch (constant.getKind()) {
          case STRING_VALUE ->
              Range.exactly(
                  constant.stringValue().codePointCount(0, constant.stringValue().length()));
          case BYTES_VALUE -> Range.exactly(constant.bytesValue().size());
          default -> Range.ONE;
        };
      }
      case LIST -> Range.exactly(expression.list().elements().size());
      case MAP -> Range.exactly(expression.map().entries().size());
      default -> null;
    };
  }

  private static boolean scalar(CelType type) {
    return switch (type.kind()) {
      case BOOL, DOUBLE, DURATION, INT, TIMESTAMP, UINT -> true;
      case OPAQUE -> type instanceof OptionalType && scalar(type.parameters().getFirst());
      default -> false;
    };
  }

  private @Nullable Entries entries(CelExpr expression) {
    Entries known = entries.get(expression.id());
    if (known == null && expression.getKind() == CelExpr.ExprKind.Kind.IDENT) {
      Local local = local(expression.ident().name());
      known = local == null ? null : local.entries();
    }
    return known;
  }
}
