package dev.coxswain.apiserver.kinds.common;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * What upstream's objects show though nothing has been said: a new ReplicaSet has {@code status:
 * {replicas: 0}}, since Go writes every struct and those scalars that may not be left out.
 */
final class EmptyParts {
  private EmptyParts() {}

  /** Adds a field as it looks with nothing in it, where it is one that is written then. */
  static void add(ObjectNode object, String field, Schema schema) {
    Schema part = schema.property(field);
    if (part != null && part.writtenWhenEmpty()) {
      object.set(field, empty(part));
    }
  }

  private static JsonNode empty(Schema schema) {
    return switch (schema.type()) {
      case INTEGER, NUMBER -> IntNode.valueOf(0);
      case BOOLEAN -> BooleanNode.FALSE;
      case STRING, INT_OR_STRING, QUANTITY -> StringNode.valueOf("");
      case ARRAY -> Json.array();
      case OBJECT, ANY -> {
        // Structs cannot contain themselves, so this ends.
        ObjectNode object = Json.object();
        for (String name : schema.propertyNames()) {
          add(object, name, schema);
        }
        yield object;
      }
    };
  }
}
