package dev.coxswain.apiserver.structural;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One node of a custom resource's schema: a JSON schema of OpenAPI v3 with Kubernetes' extensions.
 * Values of another type than the schema's are kept when an object is read, so that {@link
 * SchemaValidator} can name them by their path. Immutable.
 */
public final class StructuralSchema implements Schema {
  private static final List<String> IDENTITY = List.of("apiVersion", "kind", "metadata");

  private final ObjectNode source;
  private final @Nullable Schema metadata;
  private final Map<String, StructuralSchema> properties;
  private final @Nullable StructuralSchema additional;
  private final boolean additionalAllowed;
  private final @Nullable StructuralSchema items;
  private final ValueRules rules;
  private final boolean filled;

  private StructuralSchema(ObjectNode source, @Nullable Schema objectMeta, boolean root) {
    this.source = source;
    boolean resource = root || Json.flag(source, "x-kubernetes-embedded-resource");
    this.metadata = resource ? objectMeta : null;
    Map<String, StructuralSchema> children = new TreeMap<>();
    for (Map.Entry<String, JsonNode> property : source.path("properties").properties()) {
      if (property.getValue() instanceof ObjectNode child) {
        children.put(property.getKey(), new StructuralSchema(child, objectMeta, false));
      }
    }
    this.properties = Collections.unmodifiableMap(children);
    JsonNode more = source.path("additionalProperties");
    this.additional =
        more instanceof ObjectNode child ? new StructuralSchema(child, objectMeta, false) : null;
    this.additionalAllowed = more.isBoolean() && more.asBoolean();
    this.items =
        source.path("items") instanceof ObjectNode child
            ? new StructuralSchema(child, objectMeta, false)
            : null;
    this.rules = ValueRules.of(source);
    this.filled =
        Json.has(source, "default")
            || children.values().stream().anyMatch(child -> child.filled)
            || (additional != null && additional.filled)
            || (items != null && items.filled);
  }

  /**
   * The schema of a kind.
   *
   * @param source {@code openAPIV3Schema}, not to be changed afterwards
   * @param objectMeta the shape of {@code metadata}, at the root and in embedded resources
   */
  public static StructuralSchema of(ObjectNode source, Schema objectMeta) {
    return new StructuralSchema(source, objectMeta, true);
  }

  /** The schema of a part of an object, as it stands in a definition. */
  public static StructuralSchema part(ObjectNode source) {
    return new StructuralSchema(source, null, false);
  }

  /** The schema as it was given. */
  public ObjectNode source() {
    return source;
  }

  /** The constraints on values. */
  ValueRules rules() {
    return rules;
  }

  /** The declared properties, sorted by name; identity fields only where they were declared. */
  public Map<String, StructuralSchema> properties() {
    return properties;
  }

  /** The schema of the values of keys that are not declared. */
  public @Nullable StructuralSchema additional() {
    return additional;
  }

  @Override
  public @Nullable JsonNode defaultValue() {
    JsonNode value = source.get("default");
    return value == null || value.isNull() ? null : value;
  }

  /** Whether there is a default here or below. */
  boolean filled() {
    return filled;
  }

  /** Whether this is a whole object of its own, with an identity. */
  public boolean embedded() {
    return Json.flag(source, "x-kubernetes-embedded-resource");
  }

  /** The schema that applies to a field of an object here, be it declared or not. */
  public @Nullable StructuralSchema field(String name) {
    StructuralSchema declared = properties.get(name);
    return declared != null ? declared : additional;
  }

  /** The JSON type as it was given; empty where none was. */
  public String typeName() {
    return Json.text(source, "type");
  }

  /** Whether integers and strings are allowed here. */
  public boolean intOrString() {
    return Json.flag(source, "x-kubernetes-int-or-string");
  }

  @Override
  public Type type() {
    if (intOrString()) {
      return Type.INT_OR_STRING;
    }
    return switch (typeName()) {
      case "object" -> Type.OBJECT;
      case "array" -> Type.ARRAY;
      case "string" -> Type.STRING;
      case "integer" -> Type.INTEGER;
      case "number" -> Type.NUMBER;
      case "boolean" -> Type.BOOLEAN;
      default -> Type.ANY;
    };
  }

  @Override
  public boolean keepsOtherTypes() {
    return true;
  }

  @Override
  public String format() {
    return Json.text(source, "format");
  }

  @Override
  public List<String> propertyNames() {
    return List.copyOf(properties.keySet());
  }

  @Override
  public @Nullable Schema property(String name) {
    if (metadata != null && IDENTITY.contains(name)) {
      return name.equals("metadata") ? metadata : Schema.anything();
    }
    return properties.get(name);
  }

  @Override
  public @Nullable Schema values() {
    return additionalAllowed ? Schema.anything() : additional;
  }

  @Override
  public @Nullable StructuralSchema items() {
    return items;
  }

  @Override
  public List<String> required() {
    return texts("required");
  }

  @Override
  public List<String> enumValues() {
    return texts("enum");
  }

  @Override
  public boolean preservesUnknown() {
    return Json.flag(source, "x-kubernetes-preserve-unknown-fields");
  }

  @Override
  public boolean nullable() {
    return Json.flag(source, "nullable");
  }

  @Override
  public ListType listType() {
    return switch (Json.text(source, "x-kubernetes-list-type")) {
      case "map" -> ListType.MAP;
      case "set" -> ListType.SET;
      default -> ListType.ATOMIC;
    };
  }

  @Override
  public List<String> listMapKeys() {
    return texts("x-kubernetes-list-map-keys");
  }

  @Override
  public boolean atomicMap() {
    return Json.text(source, "x-kubernetes-map-type").equals("atomic");
  }

  @Override
  public String description() {
    return Json.text(source, "description");
  }

  private List<String> texts(String field) {
    List<String> texts = new ArrayList<>();
    source
        .path(field)
        .forEach(value -> {
          if (value.isString()) {
            texts.add(value.asString());
          }
        });
    return texts;
  }
}
