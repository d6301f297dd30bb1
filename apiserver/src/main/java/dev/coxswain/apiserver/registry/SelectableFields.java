package dev.coxswain.apiserver.registry;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * The fields by which objects of a resource can be selected.
 *
 * @param names the names that a field selector may use, such as {@code spec.nodeName}; others are
 *     answered with 400
 */
public record SelectableFields(List<String> names) {
  private static final SelectableFields METADATA =
      new SelectableFields(List.of("metadata.name", "metadata.namespace"));

  public SelectableFields {
    names = List.copyOf(names);
  }

  /** The name and the namespace, which every resource has. */
  public static SelectableFields metadata() {
    return METADATA;
  }

  /** The name, the namespace, and these dotted paths. */
  public static SelectableFields and(String... names) {
    return new SelectableFields(
        java.util.stream.Stream.concat(METADATA.names.stream(), java.util.stream.Stream.of(names))
            .toList());
  }

  /** The values of one object, by those names; a missing field is an empty string. */
  public Map<String, String> values(ObjectNode object) {
    Map<String, String> values = HashMap.newHashMap(names.size());
    for (String name : names) {
      values.put(name, value(object, name));
    }
    return values;
  }

  private static String value(ObjectNode object, String path) {
    tools.jackson.databind.JsonNode node = object;
    int start = 0;
    while (start <= path.length()) {
      int dot = path.indexOf('.', start);
      int end = dot < 0 ? path.length() : dot;
      node = node.path(path.substring(start, end));
      start = end + 1;
    }
    return node.isValueNode() && !node.isNull() ? node.asString() : "";
  }
}
