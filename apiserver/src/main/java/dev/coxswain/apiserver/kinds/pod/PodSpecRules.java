package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What is wrong with a pod's specification, its containers and volumes included. */
public final class PodSpecRules {
  private static final Set<String> TAINT_EFFECTS =
      Set.of("NoSchedule", "PreferNoSchedule", "NoExecute");

  private static final int LONGEST_SYSCTL = 253;

  /** Names with dots or slashes between them, as in {@code net.ipv4.ip_forward}. */
  private static final Pattern SYSCTL =
      Pattern.compile("([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?");

  private final List<FieldError> errors;

  /** Adds what it finds to a list. */
  public PodSpecRules(List<FieldError> errors) {
    this.errors = errors;
  }

  /** Checks the template of a workload, whose pods must restart for ever. */
  public void checkRestartingTemplate(JsonNode template, String path) {
    checkTemplate(template, path);
    String policy = Json.text(template, "spec", "restartPolicy");
    if (!policy.isEmpty() && !policy.equals("Always")) {
      errors.add(FieldError.notSupported(path + ".spec.restartPolicy", policy, List.of("Always")));
    }
    if (template.path("spec").hasNonNull("activeDeadlineSeconds")) {
      errors.add(
          FieldError.forbidden(
              path + ".spec.activeDeadlineSeconds",
              "activeDeadlineSeconds in ReplicaSet is not Supported"));
    }
  }

  /** Checks a template. */
  public void checkTemplate(JsonNode template, String path) {
    Checks.labels(Json.at(template, "metadata", "labels"), path + ".metadata.labels", errors);
    check(template.path("spec"), path + ".spec");
  }

  void check(JsonNode spec, String path) {
    Set<String> volumes = new VolumeRules(errors).check(spec.path("volumes"), path + ".volumes");
    ContainerRules containers = new ContainerRules(errors, volumes, Json.flag(spec, "hostNetwork"));
    if (spec.path("containers").isEmpty()) {
      errors.add(FieldError.required(path + ".containers", ""));
    }
    Set<String> names = new HashSet<>();
    containers.checkAll(spec.path("initContainers"), path + ".initContainers", names, true);
    containers.checkAll(spec.path("containers"), path + ".containers", names, false);
    containers.checkAll(
        spec.path("ephemeralContainers"), path + ".ephemeralContainers", names, false);
    Checks.range(spec, "activeDeadlineSeconds", 1, Integer.MAX_VALUE, path, errors);
    Checks.labels(spec.path("nodeSelector"), path + ".nodeSelector", errors);
    names(spec, path);
    tolerations(spec.path("tolerations"), path + ".tolerations");
    spread(spec.path("topologySpreadConstraints"), path + ".topologySpreadConstraints");
    affinity(spec.path("affinity"), path + ".affinity");
    security(spec.path("securityContext"), path + ".securityContext");
    sysctls(spec, path + ".securityContext.sysctls");
    dns(spec, path);
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
      if (operator.equals("Exists") && !Json.text(toleration, "value").isEmpty()) {
        errors.add(
            FieldError.invalid(
                at + ".operator", toleration, "value must be empty when `operator` is 'Exists'"));
      }
      if (!operator.isEmpty() && !operator.equals("Exists") && !operator.equals("Equal")) {
        errors.add(FieldError.notSupported(at + ".operator", operator, List.of("Equal", "Exists")));
      }
      if (!effect.isEmpty() && !TAINT_EFFECTS.contains(effect)) {
        errors.add(FieldError.notSupported(at + ".effect", effect, TAINT_EFFECTS));
      }
    }
  }

  private void spread(JsonNode constraints, String path) {
    int index = 0;
    for (JsonNode constraint : constraints) {
      String at = path + "[" + index++ + "]";
      if (constraint.path("maxSkew").asLong(0) <= 0) {
        errors.add(
            FieldError.invalid(
                at + ".maxSkew",
                constraint.path("maxSkew").asLong(0),
                "must be greater than zero"));
      }
      if (Checks.required(constraint, "topologyKey", at, errors)) {
        String key = Json.text(constraint, "topologyKey");
        Checks.form(Names.qualifiedName(key), at + ".topologyKey", key, errors);
      }
      Checks.oneOf(
          constraint, "whenUnsatisfiable", Set.of("DoNotSchedule", "ScheduleAnyway"), at, errors);
      Checks.selector(constraint.path("labelSelector"), at + ".labelSelector", errors);
    }
  }

  private void affinity(JsonNode affinity, String path) {
    for (String kind : List.of("podAffinity", "podAntiAffinity")) {
      int index = 0;
      String field = "requiredDuringSchedulingIgnoredDuringExecution";
      for (JsonNode term : affinity.path(kind).path(field)) {
        affinityTerm(term, path + "." + kind + "." + field + "[" + index++ + "]");
      }
      index = 0;
      field = "preferredDuringSchedulingIgnoredDuringExecution";
      for (JsonNode weighted : affinity.path(kind).path(field)) {
        String at = path + "." + kind + "." + field + "[" + index++ + "]";
        Checks.range(weighted, "weight", 1, 100, at, errors);
        affinityTerm(weighted.path("podAffinityTerm"), at + ".podAffinityTerm");
      }
    }
    JsonNode required =
        Json.at(affinity, "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution");
    if (required.isObject() && required.path("nodeSelectorTerms").isEmpty()) {
      errors.add(
          FieldError.required(
              path
                  + ".nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution"
                  + ".nodeSelectorTerms",
              "must have at least one node selector term"));
    }
  }

  private void affinityTerm(JsonNode term, String path) {
    if (Json.text(term, "topologyKey").isEmpty()) {
      errors.add(FieldError.required(path + ".topologyKey", "can not be empty"));
    }
    Checks.selector(term.path("labelSelector"), path + ".labelSelector", errors);
  }

  private void security(JsonNode context, String path) {
    for (String field : List.of("runAsUser", "runAsGroup", "fsGroup")) {
      Checks.range(context, field, 0, Integer.MAX_VALUE, path, errors);
    }
  }

  private void sysctls(JsonNode spec, String path) {
    Set<String> names = new HashSet<>();
    int index = 0;
    for (JsonNode sysctl : Json.at(spec, "securityContext", "sysctls")) {
      String at = path + "[" + index++ + "].name";
      String name = Json.text(sysctl, "name");
      if (name.isEmpty()) {
        errors.add(FieldError.required(at, ""));
      } else if (name.length() > LONGEST_SYSCTL || !SYSCTL.matcher(name).matches()) {
        errors.add(
            FieldError.invalid(
                at,
                name,
                "must have at most "
                    + LONGEST_SYSCTL
                    + " characters and match regex ^"
                    + SYSCTL.pattern()
                    + "$"));
      } else if (!names.add(name.replace('/', '.'))) {
        errors.add(FieldError.duplicate(at, name));
      }
    }
  }

  private void dns(JsonNode spec, String path) {
    if (Json.text(spec, "dnsPolicy").equals("None")
        && Json.at(spec, "dnsConfig", "nameservers").isEmpty()) {
      errors.add(
          FieldError.required(
              path + ".dnsConfig.nameservers",
              "must provide at least one DNS nameserver when `dnsPolicy` is None"));
    }
  }
}
