package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** What is wrong with requests and limits. */
final class ResourceRules {
  private static final Set<String> STANDARD = Set.of("cpu", "memory", "ephemeral-storage");
  private static final String HUGE_PAGES = "hugepages-";

  /** What a quota puts before a name: a resource called so could not be told from that. */
  private static final String QUOTA = "requests.";

  private ResourceRules() {}

  static void check(JsonNode resources, String path, List<FieldError> errors) {
    JsonNode limits = resources.path("limits");
    JsonNode requests = resources.path("requests");
    amounts(limits, path + ".limits", errors);
    amounts(requests, path + ".requests", errors);
    for (Map.Entry<String, JsonNode> request : requests.properties()) {
      String name = request.getKey();
      String limit = Json.text(limits, name);
      Quantity least = Quantity.parse(request.getValue().asString("0"));
      if (limit.isEmpty()) {
        if (isWhole(name)) {
          errors.add(
              FieldError.required(
                  path + ".limits", "Limit must be set for non overcommitable resources"));
        }
        continue;
      }
      Quantity most = Quantity.parse(limit);
      if (least.compareTo(most) > 0 || (isWhole(name) && least.compareTo(most) != 0)) {
        errors.add(
            FieldError.invalid(
                path + ".requests",
                request.getValue().asString(""),
                (isWhole(name) ? "must be equal to " : "must be less than or equal to ")
                    + name
                    + " limit of "
                    + most));
      }
    }
    if ((names(limits, HUGE_PAGES) || names(requests, HUGE_PAGES))
        && Stream.of("cpu", "memory").noneMatch(name -> limits.has(name) || requests.has(name))) {
      errors.add(FieldError.forbidden(path, "HugePages require cpu or memory"));
    }
  }

  private static boolean names(JsonNode amounts, String prefix) {
    return amounts.properties().stream().anyMatch(amount -> amount.getKey().startsWith(prefix));
  }

  /** Whether a node never promises more of it than it has. */
  private static boolean isWhole(String name) {
    return name.startsWith(HUGE_PAGES) || isForeign(name);
  }

  /** Whether it is none of Kubernetes' own. */
  private static boolean isForeign(String name) {
    return name.indexOf('/') >= 0 && !name.contains("kubernetes.io/");
  }

  private static void amounts(JsonNode amounts, String path, List<FieldError> errors) {
    for (Map.Entry<String, JsonNode> amount : amounts.properties()) {
      String name = amount.getKey();
      String at = path + "[" + name + "]";
      Checks.form(Names.qualifiedName(name), at, name, errors);
      if (name.indexOf('/') < 0 && !STANDARD.contains(name) && !name.startsWith(HUGE_PAGES)) {
        errors.add(FieldError.invalid(at, name, "must be a standard resource for containers"));
      } else if (isForeign(name) && name.startsWith(QUOTA)) {
        errors.add(FieldError.invalid(at, name, "doesn't follow extended resource name standard"));
      }
      Quantity value = Quantity.parse(amount.getValue().asString("0"));
      if (value.signum() < 0) {
        errors.add(FieldError.invalid(at, value.toString(), "must be greater than or equal to 0"));
      }
      if (isForeign(name) && value.compareTo(Quantity.of(value.rounded())) != 0) {
        errors.add(FieldError.invalid(at, value.toString(), "must be an integer"));
      }
      if (name.startsWith(HUGE_PAGES) && !isMultiple(value, name)) {
        errors.add(
            FieldError.invalid(
                path, value.toString(), value + " is not positive integer multiple of " + name));
      }
    }
  }

  /** Pages are whole, and of the size in their name. */
  private static boolean isMultiple(Quantity value, String name) {
    try {
      long page = Quantity.parse(name.substring(HUGE_PAGES.length())).rounded();
      return page > 0 && value.rounded() % page == 0;
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }
}
