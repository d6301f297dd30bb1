package dev.coxswain.apiserver.kinds.autoscaling;

import dev.coxswain.api.json.Json;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What an autoscaler measures and what it should be, as tables show it. */
public final class ScalerTargets {
  private static final int MOST = 2;
  private static final String UNKNOWN = "<unknown>";

  private ScalerTargets() {}

  /** Of an autoscaler as it is stored. */
  public static String of(ObjectNode scaler) {
    JsonNode current = Json.at(scaler, "status", "currentMetrics");
    List<String> targets = new ArrayList<>();
    int index = 0;
    for (JsonNode metric : Json.at(scaler, "spec", "metrics")) {
      targets.add(target(metric, current.path(index++)));
    }
    if (targets.isEmpty()) {
      return "<none>";
    }
    String shown = String.join(", ", targets.subList(0, Math.min(MOST, targets.size())));
    return targets.size() > MOST ? shown + " + " + (targets.size() - MOST) + " more..." : shown;
  }

  private static String target(JsonNode metric, JsonNode measured) {
    return switch (Json.text(metric, "type")) {
      case "External" -> ofValue(metric.path("external"), measured.path("external"));
      case "Object" -> ofValue(metric.path("object"), measured.path("object"));
      case "Pods" ->
          amount(measured.path("pods"), "averageValue")
              + "/"
              + Json.text(metric, "pods", "target", "averageValue");
      case "Resource" -> ofResource(metric.path("resource"), measured.path("resource"));
      case "ContainerResource" ->
          ofResource(metric.path("containerResource"), measured.path("containerResource"));
      default -> "<unknown type>";
    };
  }

  private static String ofValue(JsonNode source, JsonNode measured) {
    String average = Json.text(source, "target", "averageValue");
    return average.isEmpty()
        ? amount(measured, "value") + "/" + Json.text(source, "target", "value")
        : amount(measured, "averageValue") + "/" + average + " (avg)";
  }

  private static String ofResource(JsonNode source, JsonNode measured) {
    String average = Json.text(source, "target", "averageValue");
    String target =
        average.isEmpty()
            ? percent(measured.path("current"), UNKNOWN)
                + "/"
                + percent(source.path("target"), "<auto>")
            : amount(measured, "averageValue") + "/" + average;
    return Json.text(source, "name") + ": " + target;
  }

  private static String amount(JsonNode measured, String field) {
    String amount = Json.text(measured, "current", field);
    return amount.isEmpty() ? UNKNOWN : amount;
  }

  private static String percent(JsonNode holder, String otherwise) {
    JsonNode percent = holder.path("averageUtilization");
    return percent.isNumber() ? percent.asString() + "%" : otherwise;
  }
}
