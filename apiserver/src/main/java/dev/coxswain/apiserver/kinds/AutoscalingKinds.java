package dev.coxswain.apiserver.kinds;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.apiserver.kinds.autoscaling.FirstVersion;
import dev.coxswain.apiserver.kinds.autoscaling.ScalerRules;
import dev.coxswain.apiserver.kinds.autoscaling.ScalerTargets;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.Column;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.table.Columns;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Autoscalers. */
final class AutoscalingKinds {
  private static final String KIND = "HorizontalPodAutoscaler";
  private static final String PLURAL = "horizontalpodautoscalers";
  private static final int CPU_PERCENT = 80;

  /** How fast it scales where nobody says: by so many pods or percents, every so many seconds. */
  private static final int PODS_AT_ONCE = 4;

  private static final int ALL = 100;
  private static final int PERIOD_SECONDS = 15;

  private AutoscalingKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    boolean first = kinds.version().equals("v1");
    ResourceType.Builder type =
        kinds
            .declare(KIND, strategy(kinds))
            .shortNames("hpa")
            .categories("all")
            .columns(first ? firstColumns() : columns())
            .status();
    if (first) {
      type.storedAs(new GroupVersionKind("autoscaling", "v2", KIND), PLURAL, new FirstVersion());
    }
    return List.of(type.build());
  }

  private static StandardStrategy strategy(Kinds kinds) {
    boolean first = kinds.version().equals("v1");
    return new StandardStrategy(kinds.schema(KIND), true, false) {
      @Override
      public void fillDefaults(ObjectNode object) {
        ObjectNode spec = Json.ensureObject(object, "spec");
        Defaults.number(spec, "minReplicas", 1);
        if (first && !Json.at(object, "metadata", "annotations").has(FirstVersion.METRICS)) {
          Defaults.number(spec, "targetCPUUtilizationPercentage", CPU_PERCENT);
        }
        if (!first && spec.path("metrics").isEmpty()) {
          ObjectNode metric = spec.putArray("metrics").addObject();
          metric.put("type", "Resource");
          ObjectNode resource = metric.putObject("resource");
          resource.put("name", "cpu");
          resource
              .putObject("target")
              .put("type", "Utilization")
              .put("averageUtilization", CPU_PERCENT);
        }
        if (spec.get("behavior") instanceof ObjectNode behavior) {
          fillBehavior(behavior);
        }
      }

      @Override
      protected void validateInto(ObjectNode object, List<FieldError> errors) {
        JsonNode spec = object.path("spec");
        long least = Json.number(spec, 1, "minReplicas");
        long most = Json.number(spec, 0, "maxReplicas");
        if (least < 1) {
          errors.add(
              FieldError.invalid("spec.minReplicas", least, "must be greater than or equal to 1"));
        }
        if (most < 1) {
          errors.add(FieldError.invalid("spec.maxReplicas", most, "must be greater than 0"));
        }
        if (most < least) {
          errors.add(
              FieldError.invalid(
                  "spec.maxReplicas", most, "must be greater than or equal to `minReplicas`"));
        }
        new ScalerRules(errors).check(spec);
      }

      @Override
      public List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
        List<FieldError> errors = new ArrayList<>();
        for (String count : List.of("currentReplicas", "desiredReplicas")) {
          Checks.nonNegative(object.path("status"), count, "status", errors);
        }
        return errors;
      }
    };
  }

  /** Who says something of how fast it scales gets the rest as it would be unsaid. */
  private static void fillBehavior(ObjectNode behavior) {
    ObjectNode up = Defaults.object(behavior, "scaleUp");
    Defaults.number(up, "stabilizationWindowSeconds", 0);
    Defaults.text(up, "selectPolicy", "Max");
    if (!up.has("policies")) {
      policy(up, "Pods", PODS_AT_ONCE);
      policy(up, "Percent", ALL);
    }
    ObjectNode down = Defaults.object(behavior, "scaleDown");
    Defaults.text(down, "selectPolicy", "Max");
    if (!down.has("policies")) {
      policy(down, "Percent", ALL);
    }
  }

  private static void policy(ObjectNode rules, String type, int value) {
    rules
        .withArray("policies")
        .addObject()
        .put("type", type)
        .put("value", value)
        .put("periodSeconds", PERIOD_SECONDS);
  }

  private static String reference(ObjectNode scaler) {
    JsonNode target = Json.at(scaler, "spec", "scaleTargetRef");
    return Json.text(target, "kind") + "/" + Json.text(target, "name");
  }

  private static List<Column> with(Column targets) {
    return Columns.named(
        Columns.text("Reference", "What is scaled.", AutoscalingKinds::reference),
        targets,
        Columns.text(
            "MinPods",
            "The fewest pods.",
            h ->
                Json.at(h, "spec", "minReplicas").isNumber()
                    ? Json.at(h, "spec", "minReplicas").asString()
                    : "<unset>"),
        Columns.number("MaxPods", "The most pods.", "spec", "maxReplicas"),
        Columns.number("Replicas", "How many pods there are.", "status", "currentReplicas"),
        Columns.age());
  }

  /** As upstream, the same whatever version is asked for. */
  private static List<Column> firstColumns() {
    return with(
        Columns.text(
            "Targets",
            "What is measured, and what it should be.",
            h -> {
              ObjectNode stored = h.deepCopy();
              new FirstVersion().toStored(stored);
              return ScalerTargets.of(stored);
            }));
  }

  private static List<Column> columns() {
    return with(
        Columns.text("Targets", "What is measured, and what it should be.", ScalerTargets::of));
  }
}
