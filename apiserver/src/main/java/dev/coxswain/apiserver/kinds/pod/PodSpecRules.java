package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.pod.ContainerRules.Role;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What is wrong with a pod's specification, its containers and volumes included. */
public final class PodSpecRules {
  private static final Set<String> TAINT_EFFECTS =
      Set.of("NoSchedule", "PreferNoSchedule", "NoExecute");

  private final List<FieldError> errors;

  /** Adds what it finds to a list. */
  public PodSpecRules(List<FieldError> errors) {
    this.errors = errors;
  }

  /** Checks a pod, beyond what is checked of templates, too. */
  void checkPod(JsonNode metadata, JsonNode spec, String path) {
    AnnotationRules.check(metadata.path("annotations"), spec, "metadata.annotations", errors);
    check(spec, path);
    ContainerRules.images(spec, path, errors);
  }

  /** Checks the template of a workload, whose pods must restart for ever. */
  public void checkRestartingTemplate(JsonNode template, String path, String kind) {
    checkTemplate(template, path);
    checkRestarting(template, path, kind);
  }

  /**
   * Checks the template of a workload that gives its pods volumes of its own: what the pods are
   * made of is checked in each, which has them all.
   */
  public void checkTemplateWithClaims(JsonNode template, String path, String kind) {
    metadata(template, path);
    checkRestarting(template, path, kind);
  }

  private void checkRestarting(JsonNode template, String path, String kind) {
    String policy = Json.text(template, "spec", "restartPolicy");
    if (!policy.isEmpty() && !policy.equals("Always")) {
      errors.add(FieldError.notSupported(path + ".spec.restartPolicy", policy, List.of("Always")));
    }
    if (template.path("spec").hasNonNull("activeDeadlineSeconds")) {
      errors.add(
          FieldError.forbidden(
              path + ".spec.activeDeadlineSeconds",
              "activeDeadlineSeconds in " + kind + " is not Supported"));
    }
  }

  /** Checks a template. */
  public void checkTemplate(JsonNode template, String path) {
    metadata(template, path);
    check(template.path("spec"), path + ".spec");
    if (!template.path("spec").path("ephemeralContainers").isEmpty()) {
      errors.add(
          FieldError.forbidden(
              path + ".spec.ephemeralContainers",
              "ephemeral containers not allowed in pod template"));
    }
  }

  /** The paths are upstream's, which leave out where in the template these are. */
  private void metadata(JsonNode template, String path) {
    JsonNode metadata = template.path("metadata");
    Checks.labels(metadata.path("labels"), path + ".labels", errors);
    Checks.annotations(metadata.path("annotations"), path + ".annotations", errors);
    AnnotationRules.check(
        metadata.path("annotations"), template.path("spec"), path + ".annotations", errors);
  }

  /** Checks what a class of runtimes adds to the specifications of its pods. */
  public void checkRuntime(JsonNode runtime) {
    overhead(runtime.path("overhead").path("podFixed"), "overhead");
    JsonNode scheduling = runtime.path("scheduling");
    Checks.labels(scheduling.path("nodeSelector"), "scheduling.nodeSelector", errors);
    tolerations(scheduling.path("tolerations"), "scheduling.tolerations");
    Set<JsonNode> seen = new HashSet<>();
    int index = 0;
    for (JsonNode toleration : scheduling.path("tolerations")) {
      String at = "scheduling.tolerations[" + index++ + "]";
      if (!seen.add(toleration)) {
        errors.add(FieldError.duplicate(at, toleration));
      }
    }
  }

  /** It is written as limits are, and checked as such. */
  private void overhead(JsonNode overhead, String path) {
    if (overhead.isObject()) {
      ResourceRules.check(Json.object().set("limits", overhead), path, errors);
    }
  }

  void check(JsonNode spec, String path) {
    VolumeRules.Declared volumes =
        new VolumeRules(errors).check(spec.path("volumes"), path + ".volumes");
    ContainerRules containers = new ContainerRules(errors, spec, volumes);
    if (spec.path("containers").isEmpty()) {
      errors.add(FieldError.required(path + ".containers", ""));
    }
    Set<String> names = new HashSet<>();
    containers.checkAll(spec.path("initContainers"), path + ".initContainers", names, Role.INITIAL);
    containers.checkAll(spec.path("containers"), path + ".containers", names, Role.MAIN);
    containers.checkAll(
        spec.path("ephemeralContainers"), path + ".ephemeralContainers", names, Role.EPHEMERAL);
    Checks.range(spec, "activeDeadlineSeconds", 1, Integer.MAX_VALUE, path, errors);
    Checks.labels(spec.path("nodeSelector"), path + ".nodeSelector", errors);
    names(spec, path);
    tolerations(spec.path("tolerations"), path + ".tolerations");
    PlacementRules placement = new PlacementRules(errors);
    placement.spread(spec.path("topologySpreadConstraints"), path + ".topologySpreadConstraints");
    placement.affinity(spec.path("affinity"), path + ".affinity");
    new SecurityRules(errors).pod(spec, path + ".securityContext");
    WholePodRules.check(spec, path + ".resources", errors);
    overhead(spec.path("overhead"), path + ".overhead");
    new NetworkRules(errors).check(spec, path);
    new DeviceRules(errors, spec).pod(path + ".resourceClaims");
    gates(spec, path);
    new OperatingSystemRules(errors).check(spec, path);
  }

  private void names(JsonNode spec, String path) {
    String account = Json.text(spec, "serviceAccountName");
    if (!account.isEmpty()) {
      Checks.form(Names.subdomain(account), path + ".serviceAccountName", account, errors);
    }
    String node = Json.text(spec, "nodeName");
    if (!node.isEmpty()) {
      Checks.form(Names.subdomain(node), path + ".nodeName", node, errors);
    }
    for (String field : List.of("hostname", "subdomain")) {
      String name = Json.text(spec, field);
      if (!name.isEmpty()) {
        Checks.form(Names.label(name), path + "." + field, name, errors);
      }
    }
    String priorityClass = Json.text(spec, "priorityClassName");
    if (!priorityClass.isEmpty()) {
      Checks.form(
          Names.subdomain(priorityClass), path + ".priorityClassName", priorityClass, errors);
    }
    String runtimeClass = Json.text(spec, "runtimeClassName");
    if (spec.path("runtimeClassName").isString()) {
      Checks.form(Names.subdomain(runtimeClass), path + ".runtimeClassName", runtimeClass, errors);
    }
    if (!spec.path("schedulingGates").isEmpty() && !node.isEmpty()) {
      errors.add(
          FieldError.forbidden(
              path + ".nodeName", "cannot be set until all schedulingGates have been cleared"));
    }
  }

  private void tolerations(JsonNode tolerations, String path) {
    int index = 0;
    for (JsonNode toleration : tolerations) {
      String at = path + "[" + index++ + "]";
      String key = Json.text(toleration, "key");
      String operator = Json.text(toleration, "operator");
      if (!key.isEmpty()) {
        Checks.form(Names.qualifiedName(key), at + ".key", key, errors);
      } else if (!operator.equals("Exists")) {
        errors.add(
            FieldError.invalid(
                at + ".operator",
                operator,
                "operator must be Exists when `key` is empty, which means \"match all values and"
                    + " all keys\""));
      }
      String effect = Json.text(toleration, "effect");
      if (toleration.hasNonNull("tolerationSeconds") && !effect.equals("NoExecute")) {
        errors.add(
            FieldError.invalid(
                at + ".effect",
                effect,
                "effect must be 'NoExecute' when `tolerationSeconds` is set"));
      }
      String value = Json.text(toleration, "value");
      if (operator.isEmpty() || operator.equals("Equal")) {
        Checks.form(Names.labelValue(value), at + ".operator", value, errors);
      } else if (operator.equals("Exists") && !value.isEmpty()) {
        errors.add(
            FieldError.invalid(
                at + ".operator", value, "value must be empty when `operator` is 'Exists'"));
      }
      if (!operator.isEmpty() && !operator.equals("Exists") && !operator.equals("Equal")) {
        errors.add(FieldError.notSupported(at + ".operator", operator, List.of("Equal", "Exists")));
      }
      if (!effect.isEmpty() && !TAINT_EFFECTS.contains(effect)) {
        errors.add(FieldError.notSupported(at + ".effect", effect, TAINT_EFFECTS));
      }
    }
  }

  private void gates(JsonNode spec, String path) {
    Set<String> seen = new HashSet<>();
    int index = 0;
    for (JsonNode gate : spec.path("schedulingGates")) {
      String at = path + ".schedulingGates[" + index++ + "]";
      String name = Json.text(gate, "name");
      Checks.form(Names.qualifiedName(name), at, name, errors);
      if (!seen.add(name)) {
        errors.add(FieldError.duplicate(at, name));
      }
    }
    index = 0;
    for (JsonNode gate : spec.path("readinessGates")) {
      String at = path + ".readinessGates[" + index++ + "].conditionType";
      String type = Json.text(gate, "conditionType");
      Checks.form(Names.qualifiedName(type), at, type, errors);
    }
  }
}
