package dev.coxswain.apiserver.cel;

import java.util.AbstractMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A map of free keys. */
final class MapView extends AbstractMap<String, Object> {
  private final JsonNode object;
  private final ValueType values;

  MapView(JsonNode object, @Nullable ValueType values) {
    this.object = object;
    this.values = values == null ? ValueType.dynamic(0) : values;
  }

  @Override
  public @Nullable Object get(@Nullable Object key) {
    JsonNode value = key instanceof String name ? object.get(name) : null;
    return value == null ? null : JsonValues.of(value, values);
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return key instanceof String name && object.has(name);
  }

  @Override
  public int size() {
    return object.size();
  }

  @Override
  public Set<Map.Entry<String, Object>> entrySet() {
    Map<String, Object> entries = LinkedHashMap.newLinkedHashMap(object.size());
    object
        .properties()
        .forEach(entry -> entries.put(entry.getKey(), JsonValues.of(entry.getValue(), values)));
    return entries.entrySet();
  }
}
