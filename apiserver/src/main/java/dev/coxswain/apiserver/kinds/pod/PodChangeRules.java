package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
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

  private PodChangeRules() {}

  static void check(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    ObjectNode now = Json.ensureObject(object, "spec").deepCopy();
    ObjectNode before = Json.ensureObject(old, "spec").deepCopy();
    containerCount(now, before, errors);
    deadline(now, before, errors);
    tolerations(now, before, errors);
    gates(now, before, errors);
    if (before.path("terminationGracePeriodSeconds").asLong(0) < 0
        && now.path("terminationGracePeriodSeconds").asLong(0) == 1) {
      now.set("terminationGracePeriodSeconds", before.path("terminationGracePeriodSeconds"));
    }
    for (String list : List.of("containers", "initContainers")) {
      for (int i = 0; i < Math.min(now.path(list).size(), before.path(list).size()); i++) {
        if (now.path(list).get(i) instanceof ObjectNode container) {
          container.set("image", before.path(list).get(i).path("image"));
        }
      }
    }
    for (String field : List.of("activeDeadlineSeconds", "tolerations")) {
      if (before.has(field)) {
        now.set(field, before.path(field));
      } else {
        now.remove(field);
      }
    }
    if (!Json.same(now, before)) {
      errors.add(FieldError.forbidden("spec", ONLY + "\n" + changed(now, before)));
    }
  }

  private static String changed(ObjectNode now, ObjectNode before) {
    TreeSet<String> fields = new TreeSet<>(now.propertyNames());
    fields.addAll(before.propertyNames());
    fields.removeIf(field -> Json.same(now.path(field), before.path(field)));
    return "changed: " + String.join(", ", fields);
  }

  private static void containerCount(ObjectNode now, ObjectNode before, List<FieldError> errors) {
    for (String list : List.of("containers", "initContainers")) {
      if (now.path(list).size() != before.path(list).size()) {
        errors.add(
            FieldError.forbidden("spec." + list, "pod updates may not add or remove containers"));
      }
    }
  }

  private static void deadline(ObjectNode now, ObjectNode before, List<FieldError> errors) {
    JsonNode wanted = now.path("activeDeadlineSeconds");
    JsonNode current = before.path("activeDeadlineSeconds");
    if (current.isNumber() && !wanted.isNumber()) {
      errors.add(
          FieldError.invalid(
              "spec.activeDeadlineSeconds",
              "null",
              "must not update from a positive integer to nil value"));
    } else if (current.isNumber() && wanted.asLong() > current.asLong()) {
      errors.add(
          FieldError.invalid(
              "spec.activeDeadlineSeconds",
              wanted,
              "must be less than or equal to previous value"));
    }
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

  /** Gates are only ever taken away, and while there are some, more of the rest may change. */
  private static void gates(ObjectNode now, ObjectNode before, List<FieldError> errors) {
    for (JsonNode gate : now.path("schedulingGates")) {
      boolean known = false;
      for (JsonNode candidate : before.path("schedulingGates")) {
        known |= candidate.equals(gate);
      }
      if (!known) {
        errors.add(
            FieldError.forbidden(
                "spec.schedulingGates",
                "only deletion is allowed, but found new scheduling gate '"
                    + Json.text(gate, "name")
                    + "'"));
      }
    }
    if (before.path("schedulingGates").isEmpty()) {
      return;
    }
    for (String field : List.of("schedulingGates", "nodeSelector", "affinity")) {
      if (now.has(field)) {
        before.set(field, now.path(field));
      } else {
        before.remove(field);
      }
    }
  }

  static List<FieldError> checkStatus(ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>();
    JsonNode before = old.path("status").path("containerStatuses");
    boolean never = Json.text(old, "spec", "restartPolicy").equals("Never");
    for (JsonNode status : object.path("status").path("containerStatuses")) {
      for (JsonNode earlier : before) {
        boolean same = Json.text(earlier, "name").equals(Json.text(status, "name"));
        boolean revived =
            earlier.path("state").has("terminated") && !status.path("state").has("terminated");
        if (never && same && revived) {
          errors.add(
              FieldError.forbidden(
                  "status.containerStatuses", "may not be transitioned to non-terminated state"));
        }
      }
    }
    return errors;
  }
}
