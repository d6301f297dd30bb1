package dev.coxswain.apiserver.definition;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.cel.SchemaTypes;
import dev.coxswain.apiserver.cel.ValueType;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.rules.CompiledRule;
import dev.coxswain.apiserver.rules.FieldPaths;
import dev.coxswain.apiserver.rules.RuleCompiler;
import dev.coxswain.apiserver.rules.SchemaRuleSet;
import dev.coxswain.apiserver.structural.StructuralSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is wrong with the rules ({@code x-kubernetes-validations}) of a schema: they must be
 * complete, compile against the schema, and not cost too much in the worst object that the schema
 * allows.
 */
final class RuleDefinitions {
  private static final List<String> REASONS =
      List.of(
          "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired");

  private final RuleCosts costs = new RuleCosts();
  private final List<FieldError> shape = new ArrayList<>();
  private final List<FieldError> compilation = new ArrayList<>();

  private RuleDefinitions() {}

  /**
   * A place in the schema.
   *
   * @param type what expressions see; null where they see nothing
   * @param many how often a value can stand here; negative where nothing bounds it
   * @param apart the path from which on there is no telling which old value belongs to which new
   *     one; empty where there is
   */
  private record Place(
      StructuralSchema schema, String path, @Nullable ValueType type, long many, String apart) {}

  /** Adds what is wrong with the rules of a schema that is sound otherwise. */
  static void check(ObjectNode source, String path, List<FieldError> errors) {
    StructuralSchema schema = StructuralSchema.part(source);
    if (!SchemaRuleSet.any(schema)) {
      return;
    }
    RuleDefinitions rules = new RuleDefinitions();
    ValueType type = SchemaTypes.of(schema, "selfType", true);
    rules.check(new Place(schema, path, type, 1, ""));
    errors.addAll(rules.shape);
    errors.addAll(rules.compilation);
    rules.costs.total(path, errors);
  }

  private void check(Place place) {
    int before = shape.size();
    StructuralSchema schema = place.schema();
    ValueType element = place.type() == null ? null : place.type().element();
    long most = place.many() < 0 ? -1 : times(place.many(), elements(schema));
    if (schema.additional() != null) {
      check(
          new Place(
              schema.additional(),
              place.path() + ".additionalProperties",
              element,
              most,
              place.apart()));
    }
    for (Map.Entry<String, StructuralSchema> property : schema.properties().entrySet()) {
      String name = property.getKey();
      StructuralSchema child = property.getValue();
      check(
          new Place(
              child,
              place.path() + ".properties[" + name + "]",
              RuleCompiler.property(place.type(), name, child),
              most,
              place.apart()));
    }
    if (schema.items() != null) {
      boolean keyed = schema.listType() == StructuralSchema.ListType.MAP;
      String apart = keyed || !place.apart().isEmpty() ? place.apart() : place.path();
      check(new Place(schema.items(), place.path() + ".items", element, most, apart));
    }
    JsonNode rules = schema.source().path("x-kubernetes-validations");
    int index = 0;
    for (JsonNode rule : rules) {
      complete(rule, schema, place.path() + ".x-kubernetes-validations[" + index++ + "]");
    }
    if (!rules.isEmpty() && shape.size() == before) {
      compile(place);
    }
  }

  /** How many values stand below each one here; negative where nothing bounds it. */
  private static long elements(StructuralSchema schema) {
    String keyword =
        schema.typeName().equals("array")
            ? "maxItems"
            : schema.source().path("additionalProperties").isMissingNode() ? "" : "maxProperties";
    if (keyword.isEmpty()) {
      return 1;
    }
    JsonNode most = schema.source().path(keyword);
    return most.isNumber() ? Math.max(0, most.asLong(0)) : -1;
  }

  private static long times(long one, long other) {
    return other < 0 ? -1 : RuleCosts.times(one, other);
  }

  private void compile(Place place) {
    ValueType type = place.type();
    String rules = place.path() + ".x-kubernetes-validations";
    if (type == null) {
      compilation.add(
          new FieldError(
              FieldError.Type.INTERNAL,
              rules,
              "",
              "internal error: failed to construct type information for x-kubernetes-validations"
                  + " rules: unable to convert structural schema to CEL declarations"));
      return;
    }
    int index = 0;
    for (CompiledRule rule : RuleCompiler.compile(place.schema(), type)) {
      compiled(rule, place, type, rules + "[" + index++ + "]");
    }
  }

  private void compiled(CompiledRule rule, Place place, ValueType type, String path) {
    if (rule.expression() == null) {
      compilation.add(FieldError.invalid(path + ".rule", rule.rule().source(), rule.error()));
      return;
    }
    long many = place.many() < 0 ? SchemaTypes.occurrences(type) : place.many();
    costs.observe(
        path + ".rule",
        "estimated rule cost",
        RuleCosts.times(rule.expression().estimate(type), many),
        compilation);
    if (!rule.messageError().isEmpty()) {
      compilation.add(
          FieldError.invalid(
              path + ".messageExpression", rule.rule().source(), rule.messageError()));
    } else if (rule.message() != null) {
      costs.observe(
          path + ".messageExpression",
          "estimated messageExpression cost",
          rule.message().estimate(type),
          compilation);
    }
    if (rule.usesOldSelf() && !place.apart().isEmpty()) {
      compilation.add(
          FieldError.invalid(
              path + ".rule",
              Json.text(rule.rule().source(), "rule"),
              "oldSelf cannot be used on the uncorrelatable portion of the schema within "
                  + place.apart()));
    } else if (!rule.usesOldSelf() && rule.rule().source().has("optionalOldSelf")) {
      compilation.add(
          FieldError.invalid(
              path + ".optionalOldSelf",
              rule.rule().optionalOldSelf(),
              "may not be set if oldSelf is not used in rule"));
    }
  }

  private void complete(JsonNode rule, StructuralSchema schema, String path) {
    String text = Json.text(rule, "rule").strip();
    String message = Json.text(rule, "message");
    if (text.isEmpty()) {
      shape.add(FieldError.required(path + ".rule", "rule is not specified"));
    } else if (!message.isEmpty() && message.isBlank()) {
      shape.add(FieldError.invalid(path + ".message", message, "must be non-empty if specified"));
    } else if (broken(message.strip())) {
      shape.add(FieldError.invalid(path + ".message", message, "must not contain line breaks"));
    } else if (broken(text) && message.isBlank()) {
      shape.add(
          FieldError.required(
              path + ".message", "message must be specified if rule contains line breaks"));
    }
    String expression = Json.text(rule, "messageExpression");
    if (!expression.isEmpty() && expression.isBlank()) {
      shape.add(
          FieldError.required(
              path + ".messageExpression", "messageExpression must be non-empty if specified"));
    }
    String reason = Json.text(rule, "reason");
    if (!reason.isEmpty() && !REASONS.contains(reason)) {
      shape.add(FieldError.notSupported(path + ".reason", reason, REASONS));
    }
    fieldPath(Json.text(rule, "fieldPath"), schema, path + ".fieldPath");
  }

  private void fieldPath(String fieldPath, StructuralSchema schema, String path) {
    if (fieldPath.isEmpty()) {
      return;
    }
    if (fieldPath.isBlank()) {
      shape.add(FieldError.invalid(path, fieldPath, "must be non-empty if specified"));
    } else if (broken(fieldPath)) {
      shape.add(FieldError.invalid(path, fieldPath, "must not contain line breaks"));
    }
    if (FieldPaths.normalize(fieldPath, schema).isEmpty()) {
      shape.add(FieldError.invalid(path, fieldPath, "must be a valid path"));
    }
  }

  private static boolean broken(String text) {
    return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
  }
}
