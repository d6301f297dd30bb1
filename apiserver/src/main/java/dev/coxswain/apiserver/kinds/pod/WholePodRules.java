package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.quota.PodRequests;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** What is wrong with the resources that a pod has as a whole (KEP-2837). */
final class WholePodRules {
  private static final String HUGE_PAGES = "hugepages-";
  private static final List<String> SUPPORTED = List.of("cpu", HUGE_PAGES, "memory");

  private WholePodRules() {}

  /** Whether a resource may be given to a pod as a whole. */
  static boolean supports(String resource) {
    return resource.startsWith(HUGE_PAGES) || SUPPORTED.contains(resource);
  }

  static void check(JsonNode spec, String path, List<FieldError> errors) {
    JsonNode own = spec.path("resources");
    if (!own.isObject()) {
      return;
    }
    if (Json.text(spec, "os", "name").equals("windows")) {
      errors.add(FieldError.forbidden(path, "may not be set for a windows pod"));
      return;
    }
    int before = errors.size();
    for (String field : List.of("limits", "requests")) {
      for (String name : own.path(field).propertyNames()) {
        if (!supports(name)) {
          String at = path + "." + field + "[" + name + "]";
          errors.add(FieldError.notSupported(at, name, SUPPORTED));
        }
      }
    }
    if (errors.size() > before) {
      return;
    }
    ResourceRules.check(own, path, errors);
    covers(spec, "requests", path, errors);
    covers(spec, "limits", path, errors);
    limits(spec, path, errors);
  }

  /**
   * Containers ask for no more than their pod; their limits may well come to more, but for pages.
   */
  private static void covers(JsonNode spec, String field, String path, List<FieldError> errors) {
    Map<String, Quantity> sums = new TreeMap<>(PodRequests.ofContainers(spec, field));
    sums.forEach((name, sum) -> {
      String own = Json.text(spec, "resources", field, name);
      boolean matters = field.equals("requests") || name.startsWith(HUGE_PAGES);
      if (matters && !own.isEmpty() && sum.compareTo(Quantity.parse(own)) > 0) {
        errors.add(
            FieldError.invalid(
                path + "." + field + "[" + name + "]",
                own,
                "must be greater than or equal to aggregate container " + field + " of " + sum));
      }
    });
  }

  /** No container alone has a higher limit than its pod. The path is upstream's. */
  private static void limits(JsonNode spec, String path, List<FieldError> errors) {
    int index = 0;
    for (JsonNode container : spec.path("containers")) {
      for (Map.Entry<String, JsonNode> limit :
          Json.at(container, "resources", "limits").properties()) {
        String own = Json.text(spec, "resources", "limits", limit.getKey());
        String alone = limit.getValue().asString();
        if (!own.isEmpty() && Quantity.parse(alone).compareTo(Quantity.parse(own)) > 0) {
          errors.add(
              FieldError.invalid(
                  path + ".containers[" + index + "][" + limit.getKey() + "].limits",
                  alone,
                  "must be less than or equal to pod limits of " + own));
        }
      }
      index++;
    }
  }
}
