package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What is wrong with references to a pod's own fields and to its containers' resources. */
final class DownwardRules {
  /** What a pod's fields may be called at all; upstream's list for its first version. */
  private static final Set<String> FIELDS =
      Set.of(
          "metadata.annotations",
          "metadata.labels",
          "metadata.name",
          "metadata.namespace",
          "metadata.uid",
          "spec.nodeName",
          "spec.restartPolicy",
          "spec.serviceAccountName",
          "spec.schedulerName",
          "status.phase",
          "status.hostIP",
          "status.hostIPs",
          "status.podIP",
          "status.podIPs");

  /** The older name of a field that is still taken. */
  private static final String OLDER_NODE = "spec.host";

  /** The fields that a variable may take its value from. */
  static final Set<String> OF_VARIABLES =
      Set.of(
          "metadata.name",
          "metadata.namespace",
          "metadata.uid",
          "spec.nodeName",
          "spec.serviceAccountName",
          "status.hostIP",
          "status.hostIPs",
          "status.podIP",
          "status.podIPs");

  /** The fields that a file may take its content from. */
  static final Set<String> OF_FILES =
      Set.of(
          "metadata.name",
          "metadata.namespace",
          "metadata.uid",
          "metadata.labels",
          "metadata.annotations");

  private static final Set<String> RESOURCES =
      Set.of(
          "limits.cpu",
          "limits.memory",
          "limits.ephemeral-storage",
          "requests.cpu",
          "requests.memory",
          "requests.ephemeral-storage");
  private static final List<String> HUGE_PAGES =
      List.of("limits.hugepages-", "requests.hugepages-");
  private static final Set<String> CPU_DIVISORS = Set.of("1m", "1");
  private static final List<String> DIVISORS =
      List.of("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei");

  private final List<FieldError> errors;

  DownwardRules(List<FieldError> errors) {
    this.errors = errors;
  }

  /** A reference to a field of the pod; which ones are allowed depends on who asks. */
  void field(JsonNode reference, Set<String> allowed, String path) {
    String field = Json.text(reference, "fieldPath");
    if (!Checks.required(reference, "fieldPath", path, errors)) {
      return;
    }
    String version = Json.text(reference, "apiVersion");
    int bracket = field.indexOf("['");
    boolean subscripted = bracket >= 0 && field.endsWith("']");
    String whole = subscripted ? field.substring(0, bracket) : field;
    if (!version.isEmpty() && !version.equals("v1")) {
      conversion(field, "unsupported pod version: " + version, path);
    } else if (subscripted) {
      subscript(field, whole, field.substring(bracket + 2, field.length() - 2), path);
    } else if (!FIELDS.contains(field) && !field.equals(OLDER_NODE)) {
      conversion(field, "field label not supported: " + field, path);
    } else {
      String current = field.equals(OLDER_NODE) ? "spec.nodeName" : field;
      if (!allowed.contains(current)) {
        errors.add(FieldError.notSupported(path + ".fieldPath", current, allowed));
      }
    }
  }

  private void conversion(String field, String reason, String path) {
    errors.add(
        FieldError.invalid(path + ".fieldPath", field, "error converting fieldPath: " + reason));
  }

  private void subscript(String field, String whole, String key, String path) {
    switch (whole) {
      case "metadata.annotations" ->
          Checks.form(Names.qualifiedName(key.toLowerCase(Locale.ROOT)), path, key, errors);
      case "metadata.labels" -> Checks.form(Names.qualifiedName(key), path, key, errors);
      default -> conversion(field, "field label does not support subscript: " + field, path);
    }
  }

  /** A reference to an amount of a container; a file must say which container. */
  void resource(JsonNode reference, boolean file, String path) {
    String resource = Json.text(reference, "resource");
    boolean pages = HUGE_PAGES.stream().anyMatch(resource::startsWith);
    if (file && Json.text(reference, "containerName").isEmpty()) {
      errors.add(FieldError.required(path + ".containerName", ""));
    } else if (resource.isEmpty()) {
      errors.add(FieldError.required(path + ".resource", ""));
    } else if (!pages && !RESOURCES.contains(resource)) {
      errors.add(FieldError.notSupported(path + ".resource", resource, RESOURCES));
    }
    divisor(reference, resource, pages, path);
  }

  private void divisor(JsonNode reference, String resource, boolean pages, String path) {
    Quantity divisor = Quantity.parse(reference.path("divisor").asString("0"));
    if (divisor.signum() == 0 || !(pages || RESOURCES.contains(resource))) {
      return;
    }
    boolean cpu = resource.endsWith(".cpu");
    if (cpu && !CPU_DIVISORS.contains(divisor.toString())) {
      errors.add(
          FieldError.invalid(
              path + ".divisor",
              resource,
              "only divisor's values 1m and 1 are supported with the cpu resource"));
    } else if (!cpu && !DIVISORS.contains(divisor.toString())) {
      String kind =
          pages ? "hugepages" : resource.endsWith(".memory") ? "memory" : "local ephemeral storage";
      errors.add(
          FieldError.invalid(
              path + ".divisor",
              resource,
              "only divisor's values "
                  + String.join(", ", DIVISORS)
                  + " are supported with the "
                  + kind
                  + " resource"));
    }
  }
}
