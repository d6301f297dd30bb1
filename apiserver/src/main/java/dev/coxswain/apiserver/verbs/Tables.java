package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.Column;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.apiserver.watch.Representation;
import dev.coxswain.runtime.time.Time;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Objects as the rows of a table, which is what {@code kubectl get} prints. */
final class Tables {
  private final Time time;

  Tables(Time time) {
    this.time = time;
  }

  /**
   * How a client wants its table.
   *
   * @param apiVersion the version of the table
   * @param includeObject what stands beside a row's cells, as the query says it
   */
  record Style(String apiVersion, String includeObject) {}

  /** A table of one row, as a watch or a get sends it. */
  Representation single(ResourceType type, Style style) {
    return new Single(this, type, style);
  }

  private record Single(Tables tables, ResourceType type, Style style) implements Representation {
    @Override
    public byte[] render(CachedObject object) {
      ObjectNode metadata = Json.object();
      metadata.put("resourceVersion", Long.toString(object.revision()));
      return Json.bytes(tables.list(type, metadata, List.of(object), style));
    }

    @Override
    public ObjectNode bookmark(ObjectNode bookmark) {
      ObjectNode metadata = Json.object();
      metadata.set("resourceVersion", bookmark.path("metadata").path("resourceVersion"));
      ObjectNode table = tables.list(type, metadata, List.of(), style);
      ObjectNode row = table.withArray("rows").addObject();
      ArrayNode cells = row.putArray("cells");
      // There is nothing to be shown; but as many cells as columns are expected.
      type.columns().forEach(_ -> cells.addNull());
      row.set("object", Served.partial(bookmark, style.apiVersion()));
      return table;
    }

    @Override
    public boolean asks() {
      return type.conversion().asks();
    }
  }

  /** A table. */
  ObjectNode list(ResourceType type, ObjectNode metadata, List<CachedObject> objects, Style style) {
    ObjectNode table = Json.object();
    table.put("kind", "Table");
    table.put("apiVersion", style.apiVersion());
    table.set("metadata", metadata);
    ArrayNode definitions = table.putArray("columnDefinitions");
    for (Column column : type.columns()) {
      definitions
          .addObject()
          .put("name", column.name())
          .put("type", column.type())
          .put("format", column.format())
          .put("description", column.description())
          .put("priority", column.priority());
    }
    ArrayNode rows = table.putArray("rows");
    Instant now = time.now();
    for (ObjectNode object : Served.trees(type, objects)) {
      row(rows.addObject(), type, object, style, now);
    }
    return table;
  }

  private static void row(
      ObjectNode row, ResourceType type, ObjectNode object, Style style, Instant now) {
    ArrayNode cells = row.putArray("cells");
    for (Column column : type.columns()) {
      cells.addPOJO(column.cell().of(object, now));
    }
    switch (style.includeObject()) {
      case "None" -> {}
      case "Object" -> row.set("object", object);
      default -> row.set("object", Served.partial(object, style.apiVersion()));
    }
  }
}
