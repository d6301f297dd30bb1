package dev.coxswain.apiserver.rules;

import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.structural.StructuralSchema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** All rules of a schema, compiled when they are first asked. */
public final class SchemaRuleSet {
  private final StructuralSchema schema;
  private volatile @Nullable RuleNode root;
  private volatile boolean compiled;

  /** The rules of a schema. */
  public SchemaRuleSet(StructuralSchema schema) {
    this.schema = schema;
  }

  /** Whether a schema has rules at all. */
  public static boolean any(StructuralSchema schema) {
    return !schema.source().path("x-kubernetes-validations").isEmpty()
        || schema.properties().values().stream().anyMatch(SchemaRuleSet::any)
        || (schema.additional() != null && any(schema.additional()))
        || (schema.items() != null && any(schema.items()));
  }

  /**
   * What is wrong with an object that is valid otherwise.
   *
   * @param old the object before; null for a new one
   */
  public List<FieldError> validate(ObjectNode object, @Nullable ObjectNode old) {
    RuleNode rules = root();
    return rules == null ? List.of() : RuleValidator.validate(rules, object, old);
  }

  /**
   * What is wrong with the default of a part of a schema, which has the right shape.
   *
   * @param path where it stands
   */
  public static List<FieldError> ofDefault(StructuralSchema schema, JsonNode value, String path) {
    RuleNode rules = any(schema) ? RuleNode.ofPart(schema) : null;
    return rules == null ? List.of() : RuleValidator.ofDefault(rules, value, path);
  }

  private @Nullable RuleNode root() {
    if (!compiled) {
      // Two threads may compile the same; that costs time once and nothing else.
      root = RuleNode.of(schema);
      compiled = true;
    }
    return root;
  }
}
