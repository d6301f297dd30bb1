package dev.coxswain.apiserver.structural;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.schema.Patterns;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a schema asks of values beyond their shape.
 *
 * @param types the JSON types that are allowed; empty where any is
 * @param pattern what a string has to contain; null where nothing is asked
 * @param patternText the same as it was given
 * @param bounds numbers by the keyword's name, such as {@code maxLength}
 * @param exclusiveMaximum whether the maximum itself is too much
 * @param exclusiveMinimum whether the minimum itself is too little
 * @param required properties that must be there
 * @param allowed the only values; empty where there is no such limit
 * @param properties rules of properties, as they stand in nested contexts
 * @param items rules of a list's elements, in nested contexts
 * @param additional rules of a map's values, in nested contexts
 * @param all rules that must all hold
 * @param any rules of which one must hold
 * @param one rules of which exactly one must hold
 * @param not a rule that must not hold
 * @param format the form of a string or the size of a number; empty if none
 * @param nullable whether null is a value
 */
record ValueRules(
    List<String> types,
    @Nullable Pattern pattern,
    String patternText,
    Map<String, BigDecimal> bounds,
    boolean exclusiveMaximum,
    boolean exclusiveMinimum,
    List<String> required,
    List<JsonNode> allowed,
    Map<String, ValueRules> properties,
    @Nullable ValueRules items,
    @Nullable ValueRules additional,
    List<ValueRules> all,
    List<ValueRules> any,
    List<ValueRules> one,
    @Nullable ValueRules not,
    String format,
    boolean nullable) {
  private static final List<String> BOUNDS =
      List.of(
          "maximum",
          "minimum",
          "maxLength",
          "minLength",
          "maxItems",
          "minItems",
          "maxProperties",
          "minProperties",
          "multipleOf");

  static ValueRules of(ObjectNode source) {
    return of(source, false);
  }

  /** Within allOf, anyOf, oneOf and not, properties have rules only. */
  private static ValueRules of(ObjectNode source, boolean nested) {
    Map<String, BigDecimal> bounds = new TreeMap<>();
    for (String name : BOUNDS) {
      if (source.path(name).isNumber()) {
        bounds.put(name, source.path(name).decimalValue());
      }
    }
    Map<String, ValueRules> properties = new TreeMap<>();
    if (nested) {
      for (Map.Entry<String, JsonNode> property : source.path("properties").properties()) {
        if (property.getValue() instanceof ObjectNode child) {
          properties.put(property.getKey(), of(child, true));
        }
      }
    }
    List<String> required = new ArrayList<>();
    source.path("required").forEach(name -> required.add(name.asString("")));
    List<JsonNode> allowed = new ArrayList<>();
    source.path("enum").forEach(allowed::add);
    String pattern = Json.text(source, "pattern");
    return new ValueRules(
        types(source),
        compiled(pattern),
        pattern,
        Collections.unmodifiableMap(bounds),
        Json.flag(source, "exclusiveMaximum"),
        Json.flag(source, "exclusiveMinimum"),
        List.copyOf(required),
        List.copyOf(allowed),
        Collections.unmodifiableMap(properties),
        nested ? child(source, "items") : null,
        nested ? child(source, "additionalProperties") : null,
        list(source, "allOf"),
        list(source, "anyOf"),
        list(source, "oneOf"),
        child(source, "not"),
        Json.text(source, "format"),
        Json.flag(source, "nullable"));
  }

  private static List<String> types(ObjectNode source) {
    if (Json.flag(source, "x-kubernetes-int-or-string")) {
      return List.of("integer", "string");
    }
    String type = Json.text(source, "type");
    return type.isEmpty() ? List.of() : List.of(type);
  }

  private static @Nullable Pattern compiled(String pattern) {
    if (pattern.isEmpty()) {
      return null;
    }
    try {
      return Patterns.compile(pattern);
    } catch (PatternSyntaxException malformed) {
      // The definition's own validation says so; one that was stored before asks nothing.
      return null;
    }
  }

  private static @Nullable ValueRules child(ObjectNode source, String field) {
    return source.path(field) instanceof ObjectNode child ? of(child, true) : null;
  }

  private static List<ValueRules> list(ObjectNode source, String field) {
    List<ValueRules> rules = new ArrayList<>();
    for (JsonNode element : source.path(field)) {
      if (element instanceof ObjectNode child) {
        rules.add(of(child, true));
      }
    }
    return List.copyOf(rules);
  }

  @Nullable BigDecimal bound(String name) {
    return bounds.get(name);
  }
}
