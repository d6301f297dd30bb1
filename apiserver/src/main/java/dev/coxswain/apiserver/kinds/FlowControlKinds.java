package dev.coxswain.apiserver.kinds;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.flow.FlowSchemaStrategy;
import dev.coxswain.apiserver.kinds.flow.PriorityLevelStrategy;
import dev.coxswain.apiserver.registry.Column;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.table.Columns;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Priority and fairness of requests. */
final class FlowControlKinds {
  private FlowControlKinds() {}

  private static List<Column> schema() {
    return Columns.named(
        Columns.text(
            "PriorityLevel",
            "Where its requests wait.",
            s -> Json.text(s, "spec", "priorityLevelConfiguration", "name")),
        Columns.number(
            "MatchingPrecedence", "The lower, the earlier.", "spec", "matchingPrecedence"),
        Columns.text(
            "DistinguisherMethod",
            "What makes requests one flow.",
            s -> Columns.textOrNone(s, "spec", "distinguisherMethod", "type")),
        Columns.age(),
        Columns.text(
            "MissingPL", "Whether its priority level is missing.", FlowControlKinds::missing));
  }

  private static String missing(ObjectNode schema) {
    for (JsonNode condition : schema.path("status").path("conditions")) {
      if (Json.text(condition, "type").equals("Dangling")) {
        return Json.text(condition, "status");
      }
    }
    return "?";
  }

  private static List<Column> level() {
    return Columns.named(
        Columns.text("Type", "Whether it is limited.", l -> Json.text(l, "spec", "type")),
        limit(
            "NominalConcurrencyShares",
            "Its share of what runs at once.",
            "nominalConcurrencyShares"),
        limit("Queues", "How many queues it has.", "limitResponse", "queuing", "queues"),
        limit(
            "HandSize", "How many of them a flow may use.", "limitResponse", "queuing", "handSize"),
        limit(
            "QueueLengthLimit",
            "How long a queue may be.",
            "limitResponse",
            "queuing",
            "queueLengthLimit"),
        Columns.age());
  }

  private static Column limit(String name, String description, String... path) {
    return Columns.text(
        name,
        description,
        level -> {
          JsonNode value = Json.at(level.path("spec").path("limited"), path);
          return value.isNumber() ? value.asString() : Columns.orNone("");
        });
  }

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds
            .declare("FlowSchema", new FlowSchemaStrategy(kinds.schema("FlowSchema")))
            .status()
            .columns(schema())
            .clusterScoped()
            .build(),
        kinds
            .declare(
                "PriorityLevelConfiguration",
                new PriorityLevelStrategy(kinds.schema("PriorityLevelConfiguration")))
            .status()
            .columns(level())
            .clusterScoped()
            .build());
  }
}
