package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of pods. */
public final class PodStrategy extends StandardStrategy {
  /** Rules on this shape. */
  public PodStrategy(Schema schema) {
    super(schema, true, true);
  }

  @Override
  public void prepareForCreate(ObjectNode object) {
    super.prepareForCreate(object);
    ObjectNode status = object.putObject("status");
    status.put("phase", "Pending");
    if (!object.path("spec").path("schedulingGates").isEmpty()) {
      ObjectNode condition = status.putArray("conditions").addObject();
      condition.put("type", "PodScheduled").put("status", "False");
      condition.put("reason", "SchedulingGated");
      condition.put("message", "Scheduling is blocked due to non-empty scheduling gates");
    }
  }

  @Override
  public void completeForCreate(ObjectNode object) {
    MatchLabelKeys.merge(object);
    AppArmorAnnotations.apply(object);
  }

  @Override
  public void prepareForUpdate(ObjectNode object, ObjectNode old) {
    super.prepareForUpdate(object, old);
    ephemeralAsBefore(object, old);
  }

  /** Ephemeral containers come by a path of their own. */
  private static void ephemeralAsBefore(ObjectNode object, ObjectNode old) {
    ObjectNode spec = Json.ensureObject(object, "spec");
    copy(Json.ensureObject(old, "spec"), spec, "ephemeralContainers");
  }

  @Override
  public void prepareForStatusUpdate(ObjectNode object, ObjectNode old) {
    super.prepareForStatusUpdate(object, old);
    ObjectNode metadata = Json.ensureObject(object, "metadata");
    copy(Json.ensureObject(old, "metadata"), metadata, "ownerReferences");
    ObjectNode status = Json.ensureObject(object, "status");
    // The class follows from the specification, whatever a kubelet reports.
    String quality = Json.text(old, "status", "qosClass");
    if (!quality.isEmpty()) {
      status.put("qosClass", quality);
    }
    keepObserved(status, old.path("status"));
    for (JsonNode condition : status.path("conditions")) {
      String type = Json.text(condition, "type");
      if (condition instanceof ObjectNode now) {
        for (JsonNode earlier : old.path("status").path("conditions")) {
          if (Json.text(earlier, "type").equals(type)) {
            keepObserved(now, earlier);
          }
        }
      }
    }
  }

  /** Who reports without knowing of generations does not take back what others have seen. */
  private static void keepObserved(ObjectNode now, JsonNode before) {
    JsonNode seen = before.path("observedGeneration");
    if (seen.asLong(0) != 0 && now.path("observedGeneration").asLong(0) == 0) {
      now.set("observedGeneration", seen);
    }
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    ObjectNode spec = Json.ensureObject(object, "spec");
    PodDefaults.fillPod(spec);
    if (object.get("status") instanceof ObjectNode status) {
      Defaults.text(status, "qosClass", QualityOfService.of(spec));
    }
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    new PodSpecRules(errors).checkPod(object.path("metadata"), object.path("spec"), "spec");
  }

  @Override
  protected void validateBesideInto(
      ObjectNode object, @Nullable ObjectNode old, List<FieldError> errors) {
    if (old == null && !object.path("spec").path("ephemeralContainers").isEmpty()) {
      errors.add(FieldError.forbidden("spec.ephemeralContainers", "cannot be set on create"));
    }
    AnnotationRules.cost(
        Json.at(object, "metadata", "annotations"),
        old == null ? Json.object() : Json.at(old, "metadata", "annotations"),
        errors);
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    AnnotationRules.checkChange(
        Json.at(object, "metadata", "annotations"),
        Json.at(old, "metadata", "annotations"),
        errors);
    PodChangeRules.check(object, old, errors);
  }

  @Override
  public List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
    return PodChangeRules.checkStatus(object, old);
  }

  @Override
  public long deletionGraceSeconds(ObjectNode object, @Nullable Long requested) {
    String phase = Json.text(object, "status", "phase");
    boolean holdsNothing =
        Json.text(object, "spec", "nodeName").isEmpty()
            || phase.equals("Failed")
            || phase.equals("Succeeded");
    if (holdsNothing) {
      return 0;
    }
    long grace =
        requested != null
            ? requested
            : Json.number(object, 30, "spec", "terminationGracePeriodSeconds");
    return grace < 0 ? 1 : grace;
  }

  @Override
  public List<String> warnings(ObjectNode object, @Nullable ObjectNode old) {
    List<String> warnings = new ArrayList<>();
    if (old == null) {
      PodWarnings.hostname(object, "the Pod's hostname", warnings);
      warnings.addAll(PodWarnings.of(object.path("metadata"), object.path("spec"), "spec"));
    }
    return warnings;
  }
}
