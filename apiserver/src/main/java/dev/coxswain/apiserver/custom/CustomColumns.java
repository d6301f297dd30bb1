package dev.coxswain.apiserver.custom;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.Column;
import dev.coxswain.apiserver.table.Ages;
import dev.coxswain.apiserver.table.Columns;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The columns of a custom resource's table, as its definition asks for them. */
final class CustomColumns {
  private CustomColumns() {}

  /** The name, and then the definition's own columns or, where it has none, the age. */
  static List<Column> of(JsonNode definitions) {
    List<Column> columns = new ArrayList<>();
    columns.add(Columns.name());
    if (definitions.isEmpty()) {
      columns.add(
          column(
              "Age",
              "date",
              "",
              "CreationTimestamp is a timestamp representing the server time when this object was"
                  + " created.",
              0,
              ".metadata.creationTimestamp"));
    }
    for (JsonNode definition : definitions) {
      String path = Json.text(definition, "jsonPath");
      String description = Json.text(definition, "description");
      columns.add(
          column(
              Json.text(definition, "name"),
              Json.text(definition, "type"),
              Json.text(definition, "format"),
              description.isEmpty()
                  ? "Custom resource definition column (in JSONPath format): " + path
                  : description,
              (int) Json.number(definition, 0, "priority"),
              path));
    }
    return List.copyOf(columns);
  }

  private static Column column(
      String name, String type, String format, String description, int priority, String path) {
    Optional<JsonPath> parsed = JsonPath.parse(path);
    return new Column(
        name,
        type,
        format,
        description,
        priority,
        (object, now) ->
            parsed.flatMap(steps -> steps.first(object)).map(v -> cell(type, v, now)).orElse(null));
  }

  private static @Nullable Object cell(String type, JsonNode value, Instant now) {
    if (value.isNull()) {
      return null;
    }
    return switch (type) {
      case "string" -> value.isString() ? value.asString() : value.toString();
      case "integer" -> value.isNumber() ? value.decimalValue().longValue() : null;
      case "number" -> value.isNumber() ? value.decimalValue() : null;
      case "boolean" -> value.isBoolean() ? value.asBoolean() : null;
      case "date" -> {
        String age = Ages.since(value, now);
        yield value.isString() ? (age.equals("<unknown>") ? "<invalid>" : age) : null;
      }
      default -> null;
    };
  }
}
