package dev.coxswain.apiserver.table;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes {@link Column}s, and the texts that many kinds' cells share. */
public final class Columns {
  private static final String NONE = "<none>";

  private Columns() {}

  /** The object's name, which comes first. */
  public static Column name() {
    return new Column(
        "Name",
        "string",
        "name",
        "Name must be unique within a namespace.",
        0,
        (object, _) -> Json.text(object, "metadata", "name"));
  }

  /** How old the object is. */
  public static Column age() {
    return new Column(
        "Age",
        "string",
        "",
        "How long ago the object was created.",
        0,
        (object, now) -> Ages.since(Json.at(object, "metadata", "creationTimestamp"), now));
  }

  /** When the object was created, for kinds that show no age. */
  public static Column createdAt() {
    return new Column(
        "Created At",
        "date",
        "",
        "When the object was created.",
        0,
        (object, _) -> Json.text(object, "metadata", "creationTimestamp"));
  }

  /** The columns of a kind that has no better ones. */
  public static List<Column> standard() {
    return List.of(name(), age());
  }

  /** A text that is always shown. */
  public static Column text(
      String name, String description, Function<ObjectNode, @Nullable Object> cell) {
    return new Column(name, "string", "", description, 0, (object, _) -> cell.apply(object));
  }

  /** A text that is shown in the wide view. */
  public static Column wide(
      String name, String description, Function<ObjectNode, @Nullable Object> cell) {
    return new Column(name, "string", "", description, 1, (object, _) -> cell.apply(object));
  }

  /** A whole number that is always shown. */
  public static Column number(
      String name, String description, Function<ObjectNode, @Nullable Object> cell) {
    return new Column(name, "integer", "", description, 0, (object, _) -> cell.apply(object));
  }

  /** A whole number field; 0 where it is missing. */
  public static Column number(String name, String description, String... path) {
    return number(name, description, object -> Json.number(object, 0, path));
  }

  /** The name and then these. */
  public static List<Column> named(Column... columns) {
    List<Column> all = new ArrayList<>();
    all.add(name());
    all.addAll(List.of(columns));
    return List.copyOf(all);
  }

  /** The text, or {@code <none>} where it is empty. */
  public static String orNone(String text) {
    return text.isEmpty() ? NONE : text;
  }

  /** The text at a path, or {@code <none>}. */
  public static String textOrNone(JsonNode node, String... path) {
    return orNone(Json.text(node, path));
  }

  /** A map as {@code a=b,c=d}, sorted, or {@code <none>}. */
  public static String labels(JsonNode map) {
    if (!map.isObject() || map.isEmpty()) {
      return NONE;
    }
    return map.properties().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(label -> label.getKey() + "=" + label.getValue().asString(""))
        .collect(Collectors.joining(","));
  }

  /** One field of every element, joined by commas. */
  public static String joined(JsonNode list, String field) {
    return joined(list, element -> element.path(field).asString(""));
  }

  /** A text made of every element, joined by commas. */
  public static String joined(JsonNode list, Function<JsonNode, String> text) {
    List<String> texts = new ArrayList<>();
    list.forEach(element -> texts.add(text.apply(element)));
    return String.join(",", texts);
  }
}
