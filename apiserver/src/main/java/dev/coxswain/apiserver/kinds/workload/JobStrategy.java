package dev.coxswain.apiserver.kinds.workload;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.kinds.pod.PodDefaults;
import dev.coxswain.apiserver.kinds.pod.PodSpecRules;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of jobs. */
public final class JobStrategy extends StandardStrategy {
  private static final int BACK_OFF_LIMIT = 6;

  /** Rules on this shape. */
  public JobStrategy(Schema schema) {
    super(schema, true, true);
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    ObjectNode spec = Json.ensureObject(object, "spec");
    identify(object, spec);
    fillSpec(spec);
    fillFailurePolicy(spec);
    PodDefaults.fillTemplate(Defaults.object(spec, "template"));
    JsonNode labels = Json.at(spec, "template", "metadata", "labels");
    ObjectNode metadata = Json.ensureObject(object, "metadata");
    if (labels.isObject() && metadata.path("labels").isEmpty()) {
      metadata.set("labels", labels.deepCopy());
    }
  }

  /** The selector is made from the job's identity, so that two jobs never fight over pods. */
  private static void identify(ObjectNode object, ObjectNode spec) {
    String uid = Json.text(object, "metadata", "uid");
    if (Json.flag(spec, "manualSelector") || uid.isEmpty()) {
      return;
    }
    String name = Json.text(object, "metadata", "name");
    ObjectNode labels = Json.ensureObject(spec, "template", "metadata", "labels");
    labels.put("batch.kubernetes.io/controller-uid", uid);
    labels.put("batch.kubernetes.io/job-name", name);
    labels.put("controller-uid", uid);
    labels.put("job-name", name);
    if (!spec.has("selector")) {
      Json.ensureObject(spec, "selector", "matchLabels")
          .put("batch.kubernetes.io/controller-uid", uid);
    }
  }

  private static void fillSpec(ObjectNode spec) {
    boolean counted = spec.hasNonNull("completions");
    if (!spec.hasNonNull("parallelism")) {
      if (!counted) {
        spec.put("completions", 1);
      }
      spec.put("parallelism", 1);
    }
    if (!spec.hasNonNull("backoffLimit")) {
      spec.put(
          "backoffLimit",
          spec.hasNonNull("backoffLimitPerIndex") ? Integer.MAX_VALUE : BACK_OFF_LIMIT);
    }
    Defaults.text(spec, "completionMode", "NonIndexed");
    Defaults.flag(spec, "suspend", false);
    Defaults.text(
        spec,
        "podReplacementPolicy",
        spec.has("podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
  }

  /** A condition that a rule names is one that holds. */
  static void fillFailurePolicy(ObjectNode spec) {
    for (JsonNode rule : Json.at(spec, "podFailurePolicy", "rules")) {
      for (JsonNode pattern : rule.path("onPodConditions")) {
        if (pattern instanceof ObjectNode condition) {
          Defaults.text(condition, "status", "True");
        }
      }
    }
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    check(object.path("spec"), "spec", errors);
  }

  /** Checks the specification at a path. */
  static void check(JsonNode spec, String path, List<FieldError> errors) {
    for (String field :
        List.of(
            "parallelism",
            "completions",
            "activeDeadlineSeconds",
            "backoffLimit",
            "ttlSecondsAfterFinished",
            "maxFailedIndexes",
            "backoffLimitPerIndex")) {
      Checks.nonNegative(spec, field, path, errors);
    }
    if (Json.text(spec, "completionMode").equals("Indexed") && !spec.has("completions")) {
      errors.add(FieldError.required(path + ".completions", "when completion mode is Indexed"));
    }
    new PodSpecRules(errors).checkTemplate(spec.path("template"), path + ".template");
    String policy = Json.text(spec, "template", "spec", "restartPolicy");
    if (policy.equals("Always")) {
      errors.add(
          FieldError.required(
              path + ".template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\""));
    }
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    JsonNode now = object.path("spec");
    JsonNode before = old.path("spec");
    for (String field :
        List.of("selector", "template", "completionMode", "podFailurePolicy", "managedBy")) {
      boolean adjustable = field.equals("template") && Json.flag(before, "suspend");
      if (!adjustable) {
        Checks.immutable(now.path(field), before.path(field), "spec." + field, errors);
      }
    }
    boolean elastic =
        Json.text(now, "completionMode").equals("Indexed")
            && Json.same(now.path("completions"), now.path("parallelism"));
    if (!elastic) {
      Checks.immutable(
          now.path("completions"), before.path("completions"), "spec.completions", errors);
    }
  }

  @Override
  public Propagation defaultPropagation() {
    return Propagation.ORPHAN;
  }
}
