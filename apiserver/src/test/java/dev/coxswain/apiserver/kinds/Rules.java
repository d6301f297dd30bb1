package dev.coxswain.apiserver.kinds;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Strategy;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the rules of a kind say of an object, written for tables: backticks stand for quotes, and
 * {@code -} for nothing said. Kinds are named as {@code Ingress.networking.k8s.io}.
 */
final class Rules {
  private static final Map<String, ResourceType> TYPES =
      BuiltinKinds.all(BuiltinSchemas.load()).stream()
          .collect(
              Collectors.toMap(
                  type -> type.kind().kind() + "." + type.kind().group(),
                  Function.identity(),
                  (first, other) -> first));

  private Rules() {}

  static String create(String kind, String text) {
    ObjectNode object = object(text);
    strategy(kind).prepareForCreate(object);
    strategy(kind).fillDefaults(object);
    return said(strategy(kind).validate(object));
  }

  static String update(String kind, String before, String after) {
    ObjectNode old = object(before);
    strategy(kind).fillDefaults(old);
    ObjectNode object = object(after);
    strategy(kind).fillDefaults(object);
    return said(strategy(kind).validateUpdate(object, old));
  }

  /** What is said of a status that replaces another. */
  static String report(String kind, String before, String after) {
    ObjectNode object = object(after);
    strategy(kind).fillDefaults(object);
    return said(strategy(kind).validateStatusUpdate(object, object(before)));
  }

  /** The warnings about a new object, which are not in the way. None are about a mere status. */
  static List<String> warned(String kind, String text) {
    if (!strategy(kind).warnings(object(text), object(text)).isEmpty()) {
      throw new AssertionError(kind + " warns of what has not changed");
    }
    return strategy(kind).warnings(object(text), null).stream()
        .map(warning -> warning.replace('"', '`'))
        .toList();
  }

  /** The object with its defaults. */
  static ObjectNode filled(String kind, String text) {
    ObjectNode object = object(text);
    strategy(kind).fillDefaults(object);
    return object;
  }

  static ObjectNode object(String text) {
    return Json.parseObject(text.replace('`', '"'));
  }

  private static Strategy strategy(String kind) {
    return Objects.requireNonNull(TYPES.get(kind), kind).strategy();
  }

  private static String said(List<FieldError> errors) {
    return errors.isEmpty()
        ? "-"
        : errors.stream()
            .map(FieldError::message)
            .collect(Collectors.joining("; "))
            .replace('"', '`');
  }
}
