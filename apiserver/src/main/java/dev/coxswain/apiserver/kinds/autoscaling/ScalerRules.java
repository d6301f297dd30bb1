package dev.coxswain.apiserver.kinds.autoscaling;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What is wrong with what an autoscaler measures, and how fast it is to scale. */
public final class ScalerRules {
  /** In which field each type of metric stands. */
  private static final Map<String, String> SOURCES = new LinkedHashMap<>();

  static {
    SOURCES.put("Object", "object");
    SOURCES.put("External", "external");
    SOURCES.put("Pods", "pods");
    SOURCES.put("Resource", "resource");
    SOURCES.put("ContainerResource", "containerResource");
  }

  private static final Set<String> TARGETS = Set.of("AverageValue", "Utilization", "Value");
  private static final Set<String> SELECTIONS = Set.of("Disabled", "Max", "Min");
  private static final Set<String> POLICIES = Set.of("Percent", "Pods");
  private static final int LONGEST_WINDOW_SECONDS = 3600;
  private static final int LONGEST_PERIOD_SECONDS = 1800;
  private static final String NOT_ZERO = "must be greater than zero";

  private final List<FieldError> errors;

  /** Adds what it finds to a list. */
  public ScalerRules(List<FieldError> errors) {
    this.errors = errors;
  }

  /** Checks a specification. */
  public void check(JsonNode spec) {
    reference(spec.path("scaleTargetRef"), "spec.scaleTargetRef");
    JsonNode percent = spec.path("targetCPUUtilizationPercentage");
    if (percent.isNumber() && percent.asLong() < 1) {
      // The first version is checked as the second, in which it is kept.
      errors.add(
          FieldError.invalid(
              "spec.metrics[0].resource.target.averageUtilization",
              percent,
              "must be greater than 0"));
    }
    int index = 0;
    for (JsonNode metric : spec.path("metrics")) {
      metric(metric, "spec.metrics[" + index++ + "]");
    }
    for (String direction : List.of("scaleUp", "scaleDown")) {
      JsonNode rules = spec.path("behavior").path(direction);
      if (rules.isObject()) {
        rules(rules, "spec.behavior." + direction);
      }
    }
  }

  private void reference(JsonNode reference, String path) {
    for (String field : List.of("kind", "name")) {
      if (Checks.required(reference, field, path, errors)) {
        String text = Json.text(reference, field);
        Checks.form(Names.pathSegment(text), path + "." + field, text, errors);
      }
    }
  }

  private void metric(JsonNode metric, String path) {
    String type = Json.text(metric, "type");
    String expected = SOURCES.getOrDefault(type, "");
    if (type.isEmpty()) {
      errors.add(FieldError.required(path + ".type", "must specify a metric source type"));
    } else if (expected.isEmpty()) {
      errors.add(FieldError.notSupported(path + ".type", type, SOURCES.keySet()));
    }
    List<String> given =
        SOURCES.values().stream().filter(source -> metric.path(source).isObject()).toList();
    if (!given.isEmpty()) {
      source(given.getFirst(), metric.path(given.getFirst()), path + "." + given.getFirst());
    }
    if (!expected.isEmpty() && !given.contains(expected)) {
      errors.add(
          FieldError.required(
              path + "." + expected, "must populate information for the given metric source"));
    }
    if (given.size() != 1 || !given.contains(expected)) {
      given.stream()
          .filter(source -> given.size() > 1 && !source.equals(expected))
          .forEach(source ->
              errors.add(
                  FieldError.forbidden(
                      path + "." + source, "must populate the given metric source only")));
    }
  }

  private void source(String kind, JsonNode source, String path) {
    String at = path + ".target";
    JsonNode target = source.path("target");
    target(target, at);
    boolean value = target.hasNonNull("value");
    boolean average = target.hasNonNull("averageValue");
    boolean utilization = target.hasNonNull("averageUtilization");
    switch (kind) {
      case "object", "external" -> {
        if (kind.equals("object")) {
          reference(source.path("describedObject"), path + ".describedObject");
        }
        named(source, path);
        if (!value && !average) {
          errors.add(
              FieldError.required(
                  at + ".averageValue",
                  kind.equals("object")
                      ? "must set either a target value or averageValue"
                      : "must set either a target value for metric or a per-pod target"));
        } else if (value && average && kind.equals("external")) {
          errors.add(
              FieldError.forbidden(
                  at + ".value",
                  "may not set both a target value for metric and a per-pod target"));
        }
      }
      case "pods" -> {
        named(source, path);
        if (!average) {
          errors.add(
              FieldError.required(
                  at + ".averageValue", "must specify a positive target averageValue"));
        }
      }
      default -> {
        some(source, "name", "must specify a resource name", path);
        if (kind.equals("containerResource")) {
          some(source, "container", "must specify a container", path);
        }
        if (!utilization && !average) {
          errors.add(
              FieldError.required(
                  at + ".averageUtilization",
                  "must set either a target raw value or a target utilization"));
        } else if (utilization && average) {
          errors.add(
              FieldError.forbidden(
                  at + ".averageValue",
                  "may not set both a target raw value and a target utilization"));
        }
      }
    }
  }

  private void some(JsonNode node, String field, String missing, String path) {
    if (Json.text(node, field).isEmpty()) {
      errors.add(FieldError.required(path + "." + field, missing));
    }
  }

  private void named(JsonNode source, String path) {
    String name = Json.text(source, "metric", "name");
    some(source.path("metric"), "name", "must specify a metric name", path + ".metric");
    Checks.form(Names.pathSegment(name), path + ".metric.name", name, errors);
  }

  private void target(JsonNode target, String path) {
    String type = Json.text(target, "type");
    if (type.isEmpty()) {
      errors.add(FieldError.required(path + ".type", "must specify a metric target type"));
    } else if (!TARGETS.contains(type)) {
      errors.add(
          FieldError.invalid(
              path + ".type", type, "must be either Utilization, Value, or AverageValue"));
    }
    for (String field : List.of("value", "averageValue")) {
      if (target.hasNonNull(field) && sign(target, field) <= 0) {
        errors.add(FieldError.invalid(path + "." + field, target.path(field), "must be positive"));
      }
    }
    JsonNode utilization = target.path("averageUtilization");
    if (utilization.isNumber() && utilization.asLong() < 1) {
      errors.add(
          FieldError.invalid(path + ".averageUtilization", utilization, "must be greater than 0"));
    }
  }

  private static int sign(JsonNode target, String field) {
    return Quantity.parse(target.path(field).asString("0")).signum();
  }

  private void rules(JsonNode rules, String path) {
    JsonNode window = rules.path("stabilizationWindowSeconds");
    String at = path + ".stabilizationWindowSeconds";
    if (window.asLong(0) < 0) {
      errors.add(FieldError.invalid(at, window, "must be greater than or equal to zero"));
    } else if (window.asLong(0) > LONGEST_WINDOW_SECONDS) {
      errors.add(
          FieldError.invalid(
              at, window, "must be less than or equal to " + LONGEST_WINDOW_SECONDS));
    }
    String selection = Json.text(rules, "selectPolicy");
    if (rules.hasNonNull("selectPolicy") && !SELECTIONS.contains(selection)) {
      errors.add(FieldError.notSupported(path + ".selectPolicy", selection, SELECTIONS));
    }
    if (rules.path("policies").isEmpty()) {
      errors.add(FieldError.required(path + ".policies", "must specify at least one Policy"));
    }
    int index = 0;
    for (JsonNode policy : rules.path("policies")) {
      policy(policy, path + ".policies[" + index++ + "]");
    }
  }

  private void policy(JsonNode policy, String path) {
    String type = Json.text(policy, "type");
    if (!POLICIES.contains(type)) {
      errors.add(FieldError.notSupported(path + ".type", type, POLICIES));
    }
    long value = policy.path("value").asLong(0);
    if (value <= 0) {
      errors.add(FieldError.invalid(path + ".value", value, NOT_ZERO));
    }
    long period = policy.path("periodSeconds").asLong(0);
    String at = path + ".periodSeconds";
    if (period <= 0) {
      errors.add(FieldError.invalid(at, period, NOT_ZERO));
    } else if (period > LONGEST_PERIOD_SECONDS) {
      errors.add(
          FieldError.invalid(
              at, period, "must be less than or equal to " + LONGEST_PERIOD_SECONDS));
    }
  }
}
