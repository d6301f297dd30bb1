package dev.coxswain.apiserver.kinds.workload;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.kinds.pod.PodDefaults;
import dev.coxswain.apiserver.kinds.pod.PodSpecRules;
import dev.coxswain.apiserver.kinds.pod.PodWarnings;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of jobs. */
public final class JobStrategy extends StandardStrategy {
  private static final int BACK_OFF_LIMIT = 6;

  /** How many indexes can be worked on, or fail, at once. */
  private static final int MOST_INDEXES = 100_000;

  private static final int LONGEST_MANAGER = 63;

  /** What a job says once. */
  private static final List<String> FIXED =
      List.of(
          "selector",
          "completionMode",
          "podFailurePolicy",
          "backoffLimitPerIndex",
          "managedBy",
          "successPolicy");

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
    identity(Json.ensureObject(spec, "template", "metadata", "labels"), uid, name);
    if (!spec.has("selector")) {
      Json.ensureObject(spec, "selector", "matchLabels")
          .put("batch.kubernetes.io/controller-uid", uid);
    }
  }

  private static void identity(ObjectNode labels, String uid, String name) {
    labels.put("batch.kubernetes.io/controller-uid", uid);
    labels.put("batch.kubernetes.io/job-name", name);
    labels.put("controller-uid", uid);
    labels.put("job-name", name);
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
    JsonNode spec = object.path("spec");
    check(spec, "spec", errors);
    selector(object, spec, errors);
    hostname(object, spec, errors);
  }

  /** A job must never take pods for its own that are another's. */
  private static void selector(ObjectNode object, JsonNode spec, List<FieldError> errors) {
    JsonNode selector = spec.path("selector");
    if (!selector.isObject()) {
      if (Json.flag(spec, "manualSelector")) {
        errors.add(FieldError.required("spec.selector", ""));
      }
      return;
    }
    Checks.selector(selector, "spec.selector", errors);
    JsonNode labels = Json.at(spec, "template", "metadata", "labels");
    String uid = Json.text(object, "metadata", "uid");
    if (!Json.flag(spec, "manualSelector") && !uid.isEmpty()) {
      ObjectNode own = Json.object();
      identity(own, uid, Json.text(object, "metadata", "name"));
      if (!Checks.selects(selector, own)) {
        errors.add(FieldError.invalid("spec.selector", selector, "`selector` not auto-generated"));
      }
    }
    if (!Checks.selects(selector, labels)) {
      errors.add(
          FieldError.invalid(
              "spec.template.metadata.labels",
              labels.isObject() ? labels : Json.object(),
              "`selector` does not match template `labels`"));
    }
  }

  /** An indexed job's pods are called by their index, too. */
  private static void hostname(ObjectNode object, JsonNode spec, List<FieldError> errors) {
    long completions = Json.number(spec, 0, "completions");
    if (!Json.text(spec, "completionMode").equals("Indexed") || completions <= 0) {
      return;
    }
    String name = Json.text(object, "metadata", "name");
    String longest = name + "-" + (completions - 1);
    if (Names.label(longest).isPresent()) {
      errors.add(
          FieldError.invalid(
              "metadata.name",
              name,
              "will not able to create pod with invalid DNS label: " + longest));
    }
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
    indexes(spec, path, errors);
    managedBy(spec, path + ".managedBy", errors);
    boolean failurePolicy = spec.path("podFailurePolicy").isObject();
    if (failurePolicy) {
      new FailurePolicyRules(spec, errors).check(path + ".podFailurePolicy");
      if (!Set.of("", "Failed").contains(Json.text(spec, "podReplacementPolicy"))) {
        errors.add(
            FieldError.notSupported(
                path + ".podReplacementPolicy",
                Json.text(spec, "podReplacementPolicy"),
                List.of("Failed")));
      }
    }
    if (spec.path("successPolicy").isObject()) {
      SuccessPolicyRules.check(spec, path + ".successPolicy", errors);
    }
    new PodSpecRules(errors).checkTemplate(spec.path("template"), path + ".template");
    String at = path + ".template.spec.restartPolicy";
    String policy = Json.text(spec, "template", "spec", "restartPolicy");
    if (policy.equals("Always")) {
      errors.add(FieldError.required(at, "valid values: \"OnFailure\", \"Never\""));
    } else if (failurePolicy && policy.equals("OnFailure")) {
      errors.add(
          FieldError.invalid(
              at, policy, "only \"Never\" is supported when podFailurePolicy is specified"));
    }
  }

  private static void indexes(JsonNode spec, String path, List<FieldError> errors) {
    boolean perIndex = spec.hasNonNull("backoffLimitPerIndex");
    JsonNode failed = spec.path("maxFailedIndexes");
    if (failed.isNumber() && !perIndex) {
      errors.add(
          FieldError.required(
              path + ".backoffLimitPerIndex", "when maxFailedIndexes is specified"));
    }
    if (!Json.text(spec, "completionMode").equals("Indexed")) {
      for (String field : List.of("backoffLimitPerIndex", "maxFailedIndexes")) {
        if (spec.hasNonNull(field)) {
          errors.add(
              FieldError.invalid(
                  path + "." + field, spec.path(field), "requires indexed completion mode"));
        }
      }
      return;
    }
    JsonNode completions = spec.path("completions");
    if (!completions.isNumber()) {
      errors.add(FieldError.required(path + ".completions", "when completion mode is Indexed"));
    }
    if (Json.number(spec, 0, "parallelism") > MOST_INDEXES) {
      errors.add(
          FieldError.invalid(
              path + ".parallelism",
              spec.path("parallelism"),
              "must be less than or equal to "
                  + MOST_INDEXES
                  + " when completion mode is Indexed"));
    }
    if (completions.isNumber() && failed.asLong(0) > completions.asLong()) {
      errors.add(
          FieldError.invalid(
              path + ".maxFailedIndexes", failed, "must be less than or equal to completions"));
    }
    if (failed.asLong(0) > MOST_INDEXES) {
      errors.add(
          FieldError.invalid(
              path + ".maxFailedIndexes", failed, "must be less than or equal to " + MOST_INDEXES));
    }
  }

  private static void managedBy(JsonNode spec, String path, List<FieldError> errors) {
    if (!spec.hasNonNull("managedBy")) {
      return;
    }
    String manager = Json.text(spec, "managedBy");
    Checks.domainPrefixedPath(manager, path, errors);
    if (manager.length() > LONGEST_MANAGER) {
      errors.add(FieldError.tooLong(path, LONGEST_MANAGER));
    }
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    JsonNode now = object.path("spec");
    JsonNode before = old.path("spec");
    for (String field : FIXED) {
      Checks.immutable(now.path(field), before.path(field), "spec." + field, errors);
    }
    JsonNode template = before.path("template");
    // Until it has begun for the first time, who holds it back may say where it is to run.
    if (Json.flag(before, "suspend") && Json.text(old, "status", "startTime").isEmpty()) {
      template = redirected(template, now.path("template"));
    }
    Checks.immutable(now.path("template"), template, "spec.template", errors);
    boolean elastic =
        Json.text(now, "completionMode").equals("Indexed")
            && Json.same(now.path("completions"), now.path("parallelism"));
    if (!elastic) {
      Checks.immutable(
          now.path("completions"), before.path("completions"), "spec.completions", errors);
    }
  }

  /** A template with what another says of labels and of where pods may run. */
  private static ObjectNode redirected(JsonNode template, JsonNode other) {
    ObjectNode copy = template instanceof ObjectNode object ? object.deepCopy() : Json.object();
    ObjectNode metadata = Json.ensureObject(copy, "metadata");
    for (String field : List.of("annotations", "labels")) {
      carry(other.path("metadata"), metadata, field);
    }
    ObjectNode spec = Json.ensureObject(copy, "spec");
    for (String field : List.of("nodeSelector", "schedulingGates", "tolerations")) {
      carry(other.path("spec"), spec, field);
    }
    ObjectNode affinity = Json.ensureObject(spec, "affinity");
    carry(Json.at(other, "spec", "affinity"), affinity, "nodeAffinity");
    if (affinity.isEmpty() && !other.path("spec").has("affinity")) {
      spec.remove("affinity");
    }
    return copy;
  }

  private static void carry(JsonNode from, ObjectNode to, String field) {
    if (from.has(field)) {
      to.set(field, from.path(field));
    } else {
      to.remove(field);
    }
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
