package dev.coxswain.apiserver.kinds.event;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.Column;
import dev.coxswain.apiserver.table.Ages;
import dev.coxswain.apiserver.table.Columns;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The columns of events; what they are about matters more than their names. */
public final class EventColumns {
  private final Names names;

  /** How the fields are called in one of the two forms. */
  private record Names(
      String object,
      String source,
      String message,
      String first,
      String last,
      String count,
      String reporter) {}

  private EventColumns(Names names) {
    this.names = names;
  }

  /** In the core group. */
  public static List<Column> core() {
    return new EventColumns(
            new Names(
                "involvedObject",
                "source",
                "message",
                "firstTimestamp",
                "lastTimestamp",
                "count",
                "reportingComponent"))
        .columns();
  }

  /** In the events' own group. */
  public static List<Column> own() {
    return new EventColumns(
            new Names(
                "regarding",
                "deprecatedSource",
                "note",
                "deprecatedFirstTimestamp",
                "deprecatedLastTimestamp",
                "deprecatedCount",
                "reportingController"))
        .columns();
  }

  private List<Column> columns() {
    return List.of(
        new Column("Last Seen", "string", "", "How long ago it happened last.", 0, this::lastSeen),
        Columns.text("Type", "Normal or Warning.", e -> Json.text(e, "type")),
        Columns.text("Reason", "What happened, in a word.", e -> Json.text(e, "reason")),
        Columns.text("Object", "What it is about.", this::object),
        Columns.wide(
            "Subobject", "Which part of it.", e -> Json.text(e, names.object(), "fieldPath")),
        Columns.wide("Source", "Who says so.", this::source),
        Columns.text("Message", "What happened.", e -> Json.text(e, names.message()).strip()),
        new Column(
            "First Seen", "string", "", "How long ago it happened first.", 1, this::firstSeen),
        new Column("Count", "integer", "", "How often it happened.", 1, (e, _) -> count(e)),
        Columns.wide("Name", "The event's name.", e -> Json.text(e, "metadata", "name")));
  }

  private String object(ObjectNode event) {
    JsonNode about = event.path(names.object());
    return Json.text(about, "kind").toLowerCase(Locale.ROOT) + "/" + Json.text(about, "name");
  }

  private String source(ObjectNode event) {
    String component = Json.text(event, names.source(), "component");
    if (component.isEmpty()) {
      component = Json.text(event, names.reporter());
    }
    String host = Json.text(event, names.source(), "host");
    if (host.isEmpty()) {
      host = Json.text(event, "reportingInstance");
    }
    return host.isEmpty() ? component : component + ", " + host;
  }

  private long count(ObjectNode event) {
    long series = Json.number(event, 0, "series", "count");
    return series > 0 ? series : Math.max(1, Json.number(event, 1, names.count()));
  }

  private String firstSeen(ObjectNode event, Instant now) {
    JsonNode first = event.path(names.first());
    return Ages.since(first.isString() ? first : event.path("eventTime"), now);
  }

  private String lastSeen(ObjectNode event, Instant now) {
    JsonNode series = Json.at(event, "series", "lastObservedTime");
    if (series.isString()) {
      return Ages.since(series, now);
    }
    JsonNode last = event.path(names.last());
    return last.isString() ? Ages.since(last, now) : firstSeen(event, now);
  }
}
