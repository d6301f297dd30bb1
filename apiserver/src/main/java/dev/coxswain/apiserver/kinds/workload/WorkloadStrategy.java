package dev.coxswain.apiserver.kinds.workload;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.kinds.pod.PodDefaults;
import dev.coxswain.apiserver.kinds.pod.PodSpecRules;
import dev.coxswain.apiserver.kinds.pod.PodWarnings;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the kinds that keep pods running by a selector and a template have in common. */
abstract class WorkloadStrategy extends StandardStrategy {
  private final String kind;

  /**
   * Rules for one kind.
   *
   * @param kind the kind as messages name it, in lower case
   */
  WorkloadStrategy(Schema schema, String kind) {
    super(schema, true, true);
    this.kind = kind;
  }

  @Override
  public final void fillDefaults(ObjectNode object) {
    ObjectNode spec = Json.ensureObject(object, "spec");
    fillSpec(spec);
    PodDefaults.fillTemplate(Defaults.object(spec, "template"));
  }

  /** Fills what is the kind's own. */
  abstract void fillSpec(ObjectNode spec);

  @Override
  protected final void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode spec = object.path("spec");
    Checks.nonNegative(spec, "replicas", "spec", errors);
    Checks.nonNegative(spec, "minReadySeconds", "spec", errors);
    if (limitsHistory()) {
      Checks.nonNegative(spec, "revisionHistoryLimit", "spec", errors);
    }
    selector(spec, errors);
    validateTemplate(spec.path("template"), "spec.template", new PodSpecRules(errors));
    validateSpec(spec, errors);
  }

  private void selector(JsonNode spec, List<FieldError> errors) {
    JsonNode selector = spec.path("selector");
    if (!selector.isObject()) {
      errors.add(FieldError.required("spec.selector", ""));
      return;
    }
    Checks.selector(selector, "spec.selector", errors);
    if (selector.path("matchLabels").isEmpty() && selector.path("matchExpressions").isEmpty()) {
      errors.add(
          FieldError.invalid("spec.selector", selector, "empty selector is invalid for " + kind));
      return;
    }
    JsonNode labels = Json.at(spec, "template", "metadata", "labels");
    if (!Checks.selects(selector, labels)) {
      errors.add(
          FieldError.invalid(
              "spec.template.metadata.labels",
              labels.isObject() ? labels : Json.object(),
              "`selector` does not match template `labels`"));
    }
  }

  /** Checks what the pods are made of. */
  void validateTemplate(JsonNode template, String path, PodSpecRules rules) {
    // Deployments are checked as what they make.
    rules.checkRestartingTemplate(template, path, "ReplicaSet");
  }

  /** Whether the name is warned of where it makes no hostname; upstream does so for some kinds. */
  boolean namesPods() {
    return false;
  }

  /** Whether what was before is kept in any case only up to a number. */
  boolean limitsHistory() {
    return true;
  }

  /** Checks what is the kind's own. */
  abstract void validateSpec(JsonNode spec, List<FieldError> errors);

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    Checks.immutable(
        object.path("spec").path("selector"),
        old.path("spec").path("selector"),
        "spec.selector",
        errors);
  }

  @Override
  public List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
    return StatusCounts.check(object.path("status"));
  }

  @Override
  public List<String> warnings(ObjectNode object, @Nullable ObjectNode old) {
    return PodWarnings.ofTemplate(object, old, namesPods(), "spec", "template", "spec");
  }
}
