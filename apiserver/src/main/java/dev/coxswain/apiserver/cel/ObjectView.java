package dev.coxswain.apiserver.cel;

import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** An object: only its declared fields are seen, by their names in expressions. */
final class ObjectView extends AbstractMap<String, Object> {
  private final JsonNode object;
  private final ValueType type;

  ObjectView(JsonNode object, ValueType type) {
    this.object = object;
    this.type = type;
  }

  @Override
  public @Nullable Object get(@Nullable Object name) {
    ValueType.Field field = name == null ? null : type.fields().get(name);
    return field == null || !object.has(field.property()) ? null : JsonValues.field(object, field);
  }

  @Override
  public boolean containsKey(@Nullable Object name) {
    ValueType.Field field = name == null ? null : type.fields().get(name);
    return field != null && object.has(field.property());
  }

  @Override
  public Set<Map.Entry<String, Object>> entrySet() {
    Map<String, Object> entries = new TreeMap<>();
    type.fields()
        .forEach((name, field) -> {
          if (object.has(field.property())) {
            entries.put(name, JsonValues.field(object, field));
          }
        });
    return entries.entrySet();
  }
}
