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
 * @param aliases for names that are not paths themselves, the dotted paths of which the first that
 *     says anything counts
 * @param otherwise what a missing field counts as, where that is not the empty string: numbers and
 *     flags are left out of an object when they are zero
 * @param conversion makes, of a stored object, the version whose fields these are
 */
public record SelectableFields(
    List<String> names,
    Map<String, List<String>> aliases,
    Map<String, String> otherwise,
    Conversion conversion) {
  private static final SelectableFields METADATA =
      new SelectableFields(List.of("metadata.name", "metadata.namespace"));

  public SelectableFields {
    names = List.copyOf(names);
    aliases = Map.copyOf(aliases);
    otherwise = Map.copyOf(otherwise);
  }

  /** Names that are paths. */
  public SelectableFields(List<String> names) {
    this(names, Map.of(), Map.of(), Conversion.none());
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

  /** These, and one by another name. */
  public SelectableFields alias(String name, String... paths) {
    Map<String, List<String>> more = new HashMap<>(aliases);
    more.put(name, List.of(paths));
    return new SelectableFields(
        java.util.stream.Stream.concat(names.stream(), java.util.stream.Stream.of(name)).toList(),
        more,
        otherwise,
        conversion);
  }

  /** These, where one that is missing counts as this value. */
  public SelectableFields otherwise(String name, String value) {
    Map<String, String> more = new HashMap<>(otherwise);
    more.put(name, value);
    return new SelectableFields(names, aliases, more, conversion);
  }

  /** These, of another version than the stored one; the metadata is the same in all. */
  public SelectableFields of(Conversion served) {
    return names.equals(METADATA.names)
        ? this
        : new SelectableFields(names, aliases, otherwise, served);
  }

  /** The values of one stored object, by those names; the object may be changed on the way. */
  public Map<String, String> values(ObjectNode object) {
    conversion.fromStored(object);
    Map<String, String> values = HashMap.newHashMap(names.size());
    for (String name : names) {
      values.put(name, value(object, name));
    }
    return values;
  }

  private String value(ObjectNode object, String name) {
    return aliases.getOrDefault(name, List.of(name)).stream()
        .map(path -> at(object, path))
        .filter(value -> !value.isEmpty())
        .findFirst()
        .orElseGet(() -> otherwise.getOrDefault(name, ""));
  }

  private static String at(ObjectNode object, String path) {
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
