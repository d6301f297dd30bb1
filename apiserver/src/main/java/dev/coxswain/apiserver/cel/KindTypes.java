package dev.coxswain.apiserver.cel;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.coxswain.api.schema.Schema;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The types of whole kinds, for checking expressions without evaluating them. A type is made when
 * the checker comes to it, because some schemas contain themselves. For one thread at a time.
 */
public final class KindTypes {
  private final Map<String, CelType> objects = new HashMap<>();

  /** The type of a kind. */
  public CelType of(Schema schema, String name) {
    return type(schema, name);
  }

  /** Adds a type that is made of others. */
  public KindTypes with(CelType type) {
    objects.put(type.name(), type);
    return this;
  }

  /** A type that the checker has met. */
  Optional<CelType> find(String name) {
    return Optional.ofNullable(objects.get(name));
  }

  /** All types that the checker has met. */
  ImmutableList<CelType> all() {
    return ImmutableList.copyOf(objects.values());
  }

  private CelType type(@Nullable Schema schema, String name) {
    if (schema == null) {
      return SimpleType.DYN;
    }
    return switch (schema.type()) {
      case ANY, INT_OR_STRING, QUANTITY -> SimpleType.DYN;
      case BOOLEAN -> SimpleType.BOOL;
      case INTEGER -> SimpleType.INT;
      case NUMBER -> SimpleType.DOUBLE;
      case STRING ->
          switch (schema.format()) {
            case "byte" -> SimpleType.BYTES;
            case "date-time" -> SimpleType.TIMESTAMP;
            default -> SimpleType.STRING;
          };
      case ARRAY -> ListType.create(type(schema.items(), name + ".@idx"));
      case OBJECT ->
          schema.values() == null
              ? object(schema, name)
              : MapType.create(SimpleType.STRING, type(schema.values(), name + ".@elem"));
    };
  }

  @SuppressWarnings("Immutable") // schemas do not change
  private CelType object(Schema schema, String name) {
    Map<String, Schema> fields = new TreeMap<>();
    for (String property : schema.propertyNames()) {
      Schema child = schema.property(property);
      if (child != null) {
        PropertyNames.escape(property).ifPresent(escaped -> fields.put(escaped, child));
      }
    }
    if (fields.isEmpty()) {
      return SimpleType.DYN;
    }
    for (String property : ImmutableSet.of("apiVersion", "kind", "metadata")) {
      Schema child = schema.property(property);
      if (child != null) {
        fields.put(property, child);
      }
    }
    CelType type =
        StructType.create(
            name,
            ImmutableSet.copyOf(fields.keySet()),
            field ->
                Optional.ofNullable(fields.get(field))
                    .map(child -> type(child, name + "." + field)));
    objects.put(name, type);
    return type;
  }
}
