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

  /** Asks the rules of the parts of a schema about their defaults, which share one budget. */
  public static final class Defaults {
    private final RuleValidator validator = new RuleValidator();

    /**
     * Asks about the default of a part, which has the right shape.
     *
     * @param path where it stands
     */
    public void check(StructuralSchema part, JsonNode value, String path) {
      RuleNode rules = any(part) ? RuleNode.ofPart(part) : null;
      if (rules != null) {
        validator.ofDefault(rules, value, path);
      }
    }

    /** What is wrong with them. */
    public List<FieldError> errors() {
      return List.copyOf(validator.errors());
    }
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
