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

/** The rules of replication controllers, whose selector is a plain map of labels. */
public final class ReplicationControllerStrategy extends StandardStrategy {
  /** Rules on this shape. */
  public ReplicationControllerStrategy(Schema schema) {
    super(schema, true, true);
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    ObjectNode spec = Json.ensureObject(object, "spec");
    Defaults.number(spec, "replicas", 1);
    PodDefaults.fillTemplate(Defaults.object(spec, "template"));
    JsonNode labels = Json.at(spec, "template", "metadata", "labels");
    if (labels.isObject() && !labels.isEmpty()) {
      if (spec.path("selector").isEmpty()) {
        spec.set("selector", labels.deepCopy());
      }
      ObjectNode metadata = Json.ensureObject(object, "metadata");
      if (metadata.path("labels").isEmpty()) {
        metadata.set("labels", labels.deepCopy());
      }
    }
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode spec = object.path("spec");
    Checks.nonNegative(spec, "replicas", "spec", errors);
    Checks.nonNegative(spec, "minReadySeconds", "spec", errors);
    JsonNode selector = spec.path("selector");
    Checks.labels(selector, "spec.selector", errors);
    if (selector.isEmpty()) {
      errors.add(FieldError.required("spec.selector", ""));
    }
    JsonNode labels = Json.at(spec, "template", "metadata", "labels");
    boolean selected =
        selector.properties().stream()
            .allMatch(label -> label.getValue().equals(labels.path(label.getKey())));
    if (!selected) {
      errors.add(
          FieldError.invalid(
              "spec.template.metadata.labels",
              labels.isObject() ? labels : Json.object(),
              "`selector` does not match template `labels`"));
    }
    new PodSpecRules(errors)
        .checkRestartingTemplate(spec.path("template"), "spec.template", "ReplicationController");
  }

  @Override
  public List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
    return StatusCounts.check(object.path("status"));
  }

  @Override
  public List<String> warnings(ObjectNode object, @Nullable ObjectNode old) {
    return PodWarnings.ofTemplate(object, old, true, "spec", "template", "spec");
  }

  @Override
  public Propagation defaultPropagation() {
    return Propagation.ORPHAN;
  }
}
