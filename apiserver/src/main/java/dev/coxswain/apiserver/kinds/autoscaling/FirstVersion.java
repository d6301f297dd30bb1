package dev.coxswain.apiserver.kinds.autoscaling;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.Conversion;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Between {@code autoscaling/v1}, which knows one metric, and v2, in which autoscalers are stored.
 * What v1 cannot say is kept in an annotation, as upstream does, so that a v1 client does not lose
 * it.
 */
public final class FirstVersion implements Conversion {
  /** Where the metrics are that v1 has no field for. */
  public static final String METRICS = "autoscaling.alpha.kubernetes.io/metrics";

  private static final String BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior";
  private static final String MEASURED = "autoscaling.alpha.kubernetes.io/current-metrics";
  private static final String CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions";

  @Override
  public void toStored(ObjectNode object) {
    object.put("apiVersion", "autoscaling/v2");
    ObjectNode spec = Json.ensureObject(object, "spec");
    ArrayNode metrics = Json.array();
    JsonNode percent = spec.remove("targetCPUUtilizationPercentage");
    if (percent != null && percent.isNumber()) {
      cpu(metrics.addObject(), "target", "averageUtilization", percent).put("type", "Utilization");
    }
    kept(object, METRICS).forEach(metrics::add);
    if (!metrics.isEmpty()) {
      spec.set("metrics", metrics);
    }
    JsonNode behavior = kept(object, BEHAVIOR);
    if (behavior.isObject()) {
      spec.set("behavior", behavior);
    }
    JsonNode measured = kept(object, MEASURED);
    JsonNode conditions = kept(object, CONDITIONS);
    if (object.get("status") instanceof ObjectNode status) {
      ArrayNode all = Json.array();
      JsonNode current = status.remove("currentCPUUtilizationPercentage");
      if (current != null && current.isNumber()) {
        cpu(all.addObject(), "current", "averageUtilization", current);
      }
      measured.forEach(all::add);
      if (!all.isEmpty()) {
        status.set("currentMetrics", all);
      }
      if (conditions.isArray()) {
        status.set("conditions", conditions);
      }
    }
  }

  private static ObjectNode cpu(ObjectNode metric, String holder, String field, JsonNode percent) {
    metric.put("type", "Resource");
    ObjectNode resource = metric.putObject("resource");
    resource.put("name", "cpu");
    ObjectNode target = resource.putObject(holder);
    target.set(field, percent);
    return target;
  }

  /** Takes what an earlier conversion put aside; a missing node where there is nothing. */
  private static JsonNode kept(ObjectNode object, String annotation) {
    JsonNode nothing = Json.object().path("");
    if (!(Json.at(object, "metadata", "annotations") instanceof ObjectNode annotations)) {
      return nothing;
    }
    JsonNode text = annotations.remove(annotation);
    try {
      return text == null ? nothing : Json.parse(text.asString(""));
    } catch (JacksonException malformed) {
      return nothing;
    }
  }

  @Override
  public void fromStored(ObjectNode object) {
    object.put("apiVersion", "autoscaling/v1");
    ObjectNode spec = Json.ensureObject(object, "spec");
    ArrayNode others = Json.array();
    for (JsonNode metric : spec.path("metrics")) {
      JsonNode percent = Json.at(metric, "resource", "target", "averageUtilization");
      boolean cpu = Json.text(metric, "resource", "name").equals("cpu");
      if (cpu && percent.isNumber()) {
        spec.set("targetCPUUtilizationPercentage", percent);
      } else {
        others.add(metric);
      }
    }
    spec.remove("metrics");
    if (!others.isEmpty()) {
      Json.ensureObject(object, "metadata", "annotations").put(METRICS, others.toString());
    }
    JsonNode behavior = spec.remove("behavior");
    if (behavior != null) {
      Json.ensureObject(object, "metadata", "annotations").put(BEHAVIOR, behavior.toString());
    }
    if (object.get("status") instanceof ObjectNode status) {
      ArrayNode rest = Json.array();
      for (JsonNode metric : status.path("currentMetrics")) {
        JsonNode percent = Json.at(metric, "resource", "current", "averageUtilization");
        if (Json.text(metric, "resource", "name").equals("cpu") && percent.isNumber()) {
          status.set("currentCPUUtilizationPercentage", percent);
        } else {
          rest.add(metric);
        }
      }
      status.remove("currentMetrics");
      put(object, MEASURED, rest);
      put(object, CONDITIONS, status.remove("conditions"));
    }
  }

  /** Puts aside what there is of a list. */
  private static void put(ObjectNode object, String annotation, @Nullable JsonNode list) {
    if (list != null && !list.isEmpty()) {
      Json.ensureObject(object, "metadata", "annotations").put(annotation, list.toString());
    }
  }
}
