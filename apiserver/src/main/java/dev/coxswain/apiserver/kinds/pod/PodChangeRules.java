package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What may change about a pod that exists. */
final class PodChangeRules {
  private static final String ONLY =
      "pod updates may not change fields other than `spec.containers[*].image`,"
          + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only"
          + " additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to"
          + " be set to 1 if it was previously negative)";

  private static final List<String> LISTS = List.of("containers", "initContainers");

  private PodChangeRules() {}

  static void check(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    ObjectNode now = Json.ensureObject(object, "spec").deepCopy();
    ObjectNode before = Json.ensureObject(old, "spec").deepCopy();
    // What would be said of the rest makes no sense without these.
    if (!sameContainers(now, before, errors) || !deadline(now, before, errors)) {
      return;
    }
    tolerations(now, before, errors);
    if (before.path("terminationGracePeriodSeconds").asLong(0) < 0
        && now.path("terminationGracePeriodSeconds").asLong(0) == 1) {
      now.set("terminationGracePeriodSeconds", before.path("terminationGracePeriodSeconds"));
    }
    for (String list : LISTS) {
      for (int i = 0; i < now.path(list).size(); i++) {
        if (now.path(list).get(i) instanceof ObjectNode container) {
          container.set("image", before.path(list).get(i).path("image"));
        }
      }
    }
    for (String field : List.of("activeDeadlineSeconds", "tolerations")) {
      asBefore(now, before, field);
    }
    GatedPods.check(now, before, errors);
    if (!Json.same(now, before)) {
      errors.add(FieldError.forbidden("spec", ONLY + "\n" + changed(now, before)));
    }
  }

  /** Carries a field over, its absence included. */
  static void asBefore(ObjectNode now, ObjectNode before, String field) {
    if (before.has(field)) {
      now.set(field, before.path(field));
    } else {
      now.remove(field);
    }
  }

  private static String changed(ObjectNode now, ObjectNode before) {
    TreeSet<String> fields = new TreeSet<>(now.propertyNames());
    fields.addAll(before.propertyNames());
    fields.removeIf(field -> Json.same(now.path(field), before.path(field)));
    return "changed: " + String.join(", ", fields);
  }

  private static boolean sameContainers(
      ObjectNode now, ObjectNode before, List<FieldError> errors) {
    for (String list : LISTS) {
      if (now.path(list).size() != before.path(list).size()) {
        errors.add(
            FieldError.forbidden("spec." + list, "pod updates may not add or remove containers"));
        return false;
      }
    }
    return true;
  }

  private static boolean deadline(ObjectNode now, ObjectNode before, List<FieldError> errors) {
    JsonNode wanted = now.path("activeDeadlineSeconds");
    JsonNode current = before.path("activeDeadlineSeconds");
    if (!current.isNumber()) {
      return true;
    }
    if (!wanted.isNumber()) {
      errors.add(
          FieldError.invalid(
              "spec.activeDeadlineSeconds",
              Json.object().nullNode(),
              "must not update from a positive integer to nil value"));
      return true;
    }
    if (wanted.asLong() > current.asLong()) {
      errors.add(
          FieldError.invalid(
              "spec.activeDeadlineSeconds",
              wanted,
              "must be less than or equal to previous value"));
      return false;
    }
    return true;
  }

  private static void tolerations(ObjectNode now, ObjectNode before, List<FieldError> errors) {
    for (JsonNode toleration : before.path("tolerations")) {
      boolean kept = false;
      for (JsonNode candidate : now.path("tolerations")) {
        kept |=
            Json.same(
                ((ObjectNode) candidate.deepCopy()).without("tolerationSeconds"),
                ((ObjectNode) toleration.deepCopy()).without("tolerationSeconds"));
      }
      if (!kept) {
        errors.add(
            FieldError.forbidden(
                "spec.tolerations",
                "existing toleration can not be modified except its tolerationSeconds"));
        return;
      }
    }
  }

  static List<FieldError> checkStatus(ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>();
    JsonNode spec = old.path("spec");
    String list = "containerStatuses";
    int index = 0;
    for (JsonNode earlier : old.path("status").path(list)) {
      String at = "status." + list + "[" + index++ + "].state";
      String name = Json.text(earlier, "name");
      if (!earlier.path("state").has("terminated") || mayStartAgain(spec, name, earlier)) {
        continue;
      }
      for (JsonNode status : object.path("status").path(list)) {
        if (Json.text(status, "name").equals(name) && !status.path("state").has("terminated")) {
          errors.add(FieldError.forbidden(at, "may not be transitioned to non-terminated state"));
        }
      }
    }
    String node = Json.text(object, "status", "nominatedNodeName");
    if (!node.isEmpty() && !node.equals(Json.text(old, "status", "nominatedNodeName"))) {
      Checks.form(Names.subdomain(node), "status.nominatedNodeName", node, errors);
    }
    return errors;
  }

  /** Whether a container that has ended may run again, by its own policy or by its pod's. */
  private static boolean mayStartAgain(JsonNode spec, String name, JsonNode status) {
    String policy = Json.text(spec, "restartPolicy");
    for (JsonNode container : spec.path("containers")) {
      if (Json.text(container, "name").equals(name)) {
        if (!container.path("restartPolicyRules").isEmpty()) {
          return true;
        }
        String own = Json.text(container, "restartPolicy");
        policy = own.isEmpty() ? policy : own;
      }
    }
    boolean failed = Json.number(status, 0, "state", "terminated", "exitCode") != 0;
    return !policy.equals("Never") && (!policy.equals("OnFailure") || failed);
  }
}
