package dev.coxswain.apiserver.custom;

import dev.coxswain.api.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A path into an object as printer columns use it: {@code .status.conditions[?(@.type ==
 * "Ready")].status}, {@code .spec.ports[0].name}, {@code .status.conditions[-1:].type}, {@code
 * .metadata.labels['a\.b']}.
 */
final class JsonPath {
  private final List<Step> steps;

  private sealed interface Step {
    record Field(String name) implements Step {}

    record Element(int index) implements Step {}

    /** Some elements in a row; a bound that is null is that of the list. */
    record Slice(@Nullable Integer from, @Nullable Integer to, int step) implements Step {
      void take(JsonNode list, List<JsonNode> next) {
        int begin = place(from, 0, list.size());
        int end = place(to, list.size(), list.size());
        if (list.isArray() && begin >= 0 && end <= list.size()) {
          // A step may be as large as a number can be.
          for (long i = begin; i < end; i += step) {
            next.add(list.get((int) i));
          }
        }
      }

      private static int place(@Nullable Integer bound, int otherwise, int size) {
        return bound == null ? otherwise : bound < 0 ? bound + size : bound;
      }
    }

    record All() implements Step {}

    record Filter(List<Step> path, String operator, JsonNode value) implements Step {}
  }

  private JsonPath(List<Step> steps) {
    this.steps = steps;
  }

  /** Reads a path; empty where it is malformed or uses what is not supported. */
  static Optional<JsonPath> parse(String text) {
    try {
      return Optional.of(new JsonPath(new Parser(text).steps()));
    } catch (IllegalArgumentException | IndexOutOfBoundsException | JacksonException malformed) {
      return Optional.empty();
    }
  }

  /** The first value that the path leads to. */
  Optional<JsonNode> first(JsonNode object) {
    return find(List.of(object), steps).stream().findFirst();
  }

  private static List<JsonNode> find(List<JsonNode> start, List<Step> steps) {
    List<JsonNode> current = start;
    for (Step step : steps) {
      List<JsonNode> next = new ArrayList<>();
      for (JsonNode node : current) {
        take(step, node, next);
      }
      current = next;
    }
    return current;
  }

  private static void take(Step step, JsonNode node, List<JsonNode> next) {
    switch (step) {
      case Step.Field field -> {
        JsonNode value = node.get(field.name());
        if (value != null) {
          next.add(value);
        }
      }
      case Step.Element element -> {
        int index = element.index() < 0 ? node.size() + element.index() : element.index();
        if (node.isArray() && index >= 0 && index < node.size()) {
          next.add(node.get(index));
        }
      }
      case Step.Slice slice -> slice.take(node, next);
      case Step.All _ -> node.forEach(next::add);
      case Step.Filter filter -> {
        for (JsonNode candidate : node) {
          List<JsonNode> found = find(List.of(candidate), filter.path());
          if (!found.isEmpty() && holds(filter, found.getFirst())) {
            next.add(candidate);
          }
        }
      }
    }
  }

  private static boolean holds(Step.Filter filter, JsonNode value) {
    return switch (filter.operator()) {
      case "" -> true;
      case "==" -> Json.same(value, filter.value());
      case "!=" -> !Json.same(value, filter.value());
      default -> {
        if (!value.isNumber() || !filter.value().isNumber()) {
          yield false;
        }
        int order = value.decimalValue().compareTo(filter.value().decimalValue());
        yield switch (filter.operator()) {
          case "<" -> order < 0;
          case "<=" -> order <= 0;
          case ">" -> order > 0;
          case ">=" -> order >= 0;
          default -> false;
        };
      }
    };
  }

  private static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    List<Step> steps() {
      List<Step> steps = new ArrayList<>();
      while (at < text.length()) {
        char c = text.charAt(at);
        if (c == '.') {
          at++;
          String name = name();
          if (!name.isEmpty()) {
            steps.add(name.equals("*") ? new Step.All() : new Step.Field(name));
          }
        } else if (c == '[') {
          steps.add(bracket());
        } else {
          throw new IllegalArgumentException("unexpected '" + c + "'");
        }
      }
      return steps;
    }

    private String name() {
      StringBuilder name = new StringBuilder();
      while (at < text.length() && ".[".indexOf(text.charAt(at)) < 0) {
        if (text.charAt(at) == '\\') {
          at++;
        }
        name.append(text.charAt(at++));
      }
      return name.toString();
    }

    private Step bracket() {
      int end = close(at);
      String inner = text.substring(at + 1, end).strip();
      at = end + 1;
      if (inner.equals("*")) {
        return new Step.All();
      }
      if (inner.startsWith("?(") && inner.endsWith(")")) {
        return filter(inner.substring(2, inner.length() - 1).strip());
      }
      if (inner.startsWith("'") || inner.startsWith("\"")) {
        return new Step.Field(inner.substring(1, inner.length() - 1).replace("\\", ""));
      }
      return inner.contains(":") ? slice(inner) : new Step.Element(Integer.parseInt(inner));
    }

    private static Step slice(String text) {
      String[] parts = text.split(":", -1);
      Integer step = parts.length > 2 ? bound(parts[2]) : null;
      if (parts.length > 3 || (step != null && step <= 0)) {
        throw new IllegalArgumentException("a step goes forward");
      }
      return new Step.Slice(bound(parts[0]), bound(parts[1]), step == null ? 1 : step);
    }

    private static @Nullable Integer bound(String text) {
      String number = text.strip();
      return number.isEmpty() ? null : Integer.valueOf(number);
    }

    /** The bracket that closes the one at a place; those within quotes do not count. */
    private int close(int from) {
      int depth = 0;
      char quote = 0;
      for (int i = from; i < text.length(); i++) {
        char c = text.charAt(i);
        if (quote != 0) {
          quote = c == quote ? 0 : quote;
        } else if (c == '\'' || c == '"') {
          quote = c;
        } else if (c == '[') {
          depth++;
        } else if (c == ']' && --depth == 0) {
          return i;
        }
      }
      throw new IllegalArgumentException("a bracket is not closed");
    }

    private static Step filter(String text) {
      if (!text.startsWith("@")) {
        throw new IllegalArgumentException("a filter begins with @");
      }
      for (String operator : List.of("==", "!=", "<=", ">=", "<", ">")) {
        int found = text.indexOf(operator);
        if (found > 0) {
          List<Step> path = new Parser(text.substring(1, found).strip()).steps();
          String value = text.substring(found + operator.length()).strip();
          if (value.startsWith("'")) {
            value = "\"" + value.substring(1, value.length() - 1) + "\"";
          }
          return new Step.Filter(path, operator, Json.parse(value));
        }
      }
      return new Step.Filter(new Parser(text.substring(1)).steps(), "", Json.object());
    }
  }
}
