package dev.coxswain.apiserver.rules;

import dev.coxswain.apiserver.cel.SchemaTypes;
import dev.coxswain.apiserver.cel.ValueType;
import dev.coxswain.apiserver.structural.StructuralSchema;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rules at and below one place of a schema. Immutable; places without rules are left out.
 *
 * @param type what expressions know of a value here
 * @param rules the rules that stand here
 */
record RuleNode(
    StructuralSchema schema,
    ValueType type,
    List<CompiledRule> rules,
    Map<String, RuleNode> properties,
    @Nullable RuleNode additional,
    @Nullable RuleNode items) {

  /** The rules of a whole schema; null where it has none that can be asked. */
  static @Nullable RuleNode of(StructuralSchema schema) {
    return of(schema, SchemaTypes.of(schema, "selfType", true));
  }

  /** The rules of a part of a schema, likewise. */
  static @Nullable RuleNode ofPart(StructuralSchema schema) {
    return of(schema, SchemaTypes.of(schema, "selfType", schema.embedded()));
  }

  private static @Nullable RuleNode of(StructuralSchema schema, @Nullable ValueType type) {
    if (type == null) {
      return null;
    }
    List<CompiledRule> rules =
        RuleCompiler.any(schema) ? RuleCompiler.compile(schema, type) : List.of();
    Map<String, RuleNode> properties = new TreeMap<>();
    schema
        .properties()
        .forEach((name, child) -> {
          RuleNode node = of(child, RuleCompiler.property(type, name, child));
          if (node != null) {
            properties.put(name, node);
          }
        });
    RuleNode additional =
        schema.additional() == null ? null : of(schema.additional(), type.element());
    RuleNode items = schema.items() == null ? null : of(schema.items(), type.element());
    boolean none = rules.isEmpty() && properties.isEmpty() && additional == null && items == null;
    return none ? null : new RuleNode(schema, type, rules, properties, additional, items);
  }
}
