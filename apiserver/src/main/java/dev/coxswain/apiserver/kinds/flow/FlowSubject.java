package dev.coxswain.apiserver.kinds.flow;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Who a FlowSchema's rule is about: of the three fields, the one that the kind names. */
final class FlowSubject {
  private static final Map<String, String> FIELDS = new LinkedHashMap<>();

  static {
    FIELDS.put("User", "user");
    FIELDS.put("Group", "group");
    FIELDS.put("ServiceAccount", "serviceAccount");
  }

  private FlowSubject() {}

  static void check(JsonNode subject, String path, List<FieldError> errors) {
    String kind = Json.text(subject, "kind");
    if (!FIELDS.containsKey(kind)) {
      errors.add(FieldError.notSupported(path + ".kind", kind, FIELDS.keySet()));
      return;
    }
    FIELDS.forEach((other, field) -> {
      JsonNode named = subject.path(field);
      String place = path + "." + field;
      if (!other.equals(kind)) {
        if (named.isObject()) {
          errors.add(
              FieldError.forbidden(
                  place, field + " is forbidden when subject kind is not '" + other + "'"));
        }
      } else if (!named.isObject()) {
        errors.add(
            FieldError.required(place, field + " is required when subject kind is '" + kind + "'"));
      } else {
        Checks.required(named, "name", place, errors);
        if (kind.equals("ServiceAccount")) {
          account(named, place, errors);
        }
      }
    });
  }

  private static void account(JsonNode account, String path, List<FieldError> errors) {
    String name = Json.text(account, "name");
    if (!name.isEmpty() && !name.equals("*")) {
      Checks.form(Names.subdomain(name), path + ".name", name, errors);
    }
    String namespace = Json.text(account, "namespace");
    if (namespace.isEmpty()) {
      errors.add(
          FieldError.required(path + ".namespace", "must specify namespace for service account"));
    } else {
      Checks.form(Names.label(namespace), path + ".namespace", namespace, errors);
    }
  }
}
