package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What is wrong with requests and limits. */
final class ResourceRules {
  private static final Set<String> STANDARD = Set.of("cpu", "memory", "ephemeral-storage");
  private static final String HUGE_PAGES = "hugepages-";

  private ResourceRules() {}

  static void check(JsonNode resources, String path, List<FieldError> errors) {
    JsonNode limits = resources.path("limits");
    JsonNode requests = resources.path("requests");
    amounts(limits, path + ".limits", errors);
    amounts(requests, path + ".requests", errors);
    for (Map.Entry<String, JsonNode> request : requests.properties()) {
      String name = request.getKey();
      String limit = Json.text(limits, name);
      if (!limit.isEmpty()) {
        Quantity most = Quantity.parse(limit);
        if (Quantity.parse(request.getValue().asString("0")).compareTo(most) > 0) {
          errors.add(
              FieldError.invalid(
                  path + ".requests",
                  request.getValue().asString(""),
                  "must be less than or equal to " + name + " limit of " + most));
        }
      }
    }
  }

  private static void amounts(JsonNode amounts, String path, List<FieldError> errors) {
    for (Map.Entry<String, JsonNode> amount : amounts.properties()) {
      String name = amount.getKey();
      String at = path + "[" + name + "]";
      Checks.form(Names.qualifiedName(name), at, name, errors);
      if (name.indexOf('/') < 0 && !STANDARD.contains(name) && !name.startsWith(HUGE_PAGES)) {
        errors.add(FieldError.invalid(at, name, "must be a standard resource for containers"));
      }
      Quantity value = Quantity.parse(amount.getValue().asString("0"));
      if (value.signum() < 0) {
        errors.add(FieldError.invalid(at, value.toString(), "must be greater than or equal to 0"));
      }
    }
  }
}
