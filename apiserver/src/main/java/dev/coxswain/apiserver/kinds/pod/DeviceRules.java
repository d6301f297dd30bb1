package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** What is wrong with a pod's claims to devices, and with what its containers say of them. */
final class DeviceRules {
  private static final List<String> SOURCES =
      List.of("resourceClaimName", "resourceClaimTemplateName");

  private final List<FieldError> errors;
  private final JsonNode claims;
  private final Set<String> names = new TreeSet<>();

  DeviceRules(List<FieldError> errors, JsonNode spec) {
    this.errors = errors;
    this.claims = spec.path("resourceClaims");
    for (JsonNode claim : claims) {
      names.add(Json.text(claim, "name"));
    }
  }

  /** The claims of the pod. */
  void pod(String path) {
    Set<String> seen = new HashSet<>();
    int index = 0;
    for (JsonNode claim : claims) {
      String at = path + "[" + index++ + "]";
      String name = Json.text(claim, "name");
      if (name.isEmpty()) {
        errors.add(FieldError.required(at + ".name", ""));
      } else if (!seen.add(name)) {
        errors.add(FieldError.duplicate(at + ".name", name));
      } else {
        Checks.form(Names.label(name), at + ".name", name, errors);
      }
      long given = SOURCES.stream().filter(claim::hasNonNull).count();
      if (given > 1) {
        errors.add(
            FieldError.invalid(
                at,
                claim,
                "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be"
                    + " specified"));
      } else if (given == 0) {
        errors.add(
            FieldError.invalid(
                at,
                claim,
                "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"));
      }
      for (String source : SOURCES) {
        if (claim.hasNonNull(source)) {
          String target = Json.text(claim, source);
          Checks.form(Names.subdomain(target), at + "." + source, target, errors);
        }
      }
    }
  }

  /** The claims that a container uses, each of which must be one of the pod's. */
  void container(JsonNode used, String path) {
    int index = 0;
    for (JsonNode claim : used) {
      String at = path + "[" + index++ + "].name";
      String name = Json.text(claim, "name");
      if (name.isEmpty()) {
        errors.add(FieldError.required(at, ""));
      } else if (!names.contains(name)) {
        String known = names.isEmpty() ? " which is empty" : ": " + String.join(", ", names);
        errors.add(
            new FieldError(
                FieldError.Type.NOT_FOUND,
                at,
                "\"" + name + "\"",
                "must be one of the names in pod.spec.resourceClaims" + known));
      }
    }
  }
}
