package dev.coxswain.apiserver.authz.review;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.selector.FieldSelector;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The selectors by which a reviewed list, watch or deletecollection would be limited. No authorizer
 * here looks at labels, so that those are only checked.
 */
final class ReviewSelectors {
  private static final Set<String> WITH_VALUES = Set.of("In", "NotIn");
  private static final Set<String> WITHOUT_VALUES = Set.of("Exists", "DoesNotExist");

  private ReviewSelectors() {}

  /**
   * Checks a selector.
   *
   * @throws ApiException with the path of what is wrong
   */
  static void check(JsonNode selector, String path) {
    boolean raw = !Json.text(selector, "rawSelector").isEmpty();
    JsonNode requirements = selector.path("requirements");
    if (raw && !requirements.isEmpty()) {
      throw invalid(
          path
              + ".rawSelector: Invalid value: \""
              + Json.text(selector, "rawSelector")
              + "\": may not specified at the same time as requirements");
    }
    if (selector.isObject() && !raw && requirements.isEmpty()) {
      throw invalid(
          path
              + ".requirements: Required value: when "
              + path
              + " is specified, requirements or rawSelector is required");
    }
    int index = 0;
    for (JsonNode requirement : requirements) {
      checkRequirement(requirement, path + ".requirements[" + index++ + "]");
    }
  }

  private static void checkRequirement(JsonNode requirement, String path) {
    String operator = Json.text(requirement, "operator");
    int values = requirement.path("values").size();
    if (Json.text(requirement, "key").isEmpty()) {
      throw invalid(path + ".key: Required value: must be specified");
    }
    if (WITH_VALUES.contains(operator) && values == 0) {
      throw invalid(
          path + ".values: Required value: must be specified when `operator` is 'In' or 'NotIn'");
    }
    if (WITHOUT_VALUES.contains(operator) && values > 0) {
      throw invalid(
          path
              + ".values: Forbidden: may not be specified when `operator` is 'Exists' or"
              + " 'DoesNotExist'");
    }
    if (operator.isEmpty()) {
      throw invalid(path + ".operator: Required value: must be specified");
    }
  }

  /** The conditions that one value decides; of others nobody makes anything. */
  static List<FieldSelector.Term> fields(JsonNode selector) {
    List<FieldSelector.Term> terms = new ArrayList<>();
    try {
      terms.addAll(FieldSelector.parse(Json.text(selector, "rawSelector")).terms());
    } catch (IllegalArgumentException senseless) {
      // As for a request whose selector makes no sense: it counts as not limited.
      return List.of();
    }
    for (JsonNode requirement : selector.path("requirements")) {
      String operator = Json.text(requirement, "operator");
      if (WITH_VALUES.contains(operator) && requirement.path("values").size() == 1) {
        terms.add(
            new FieldSelector.Term(
                Json.text(requirement, "key"),
                requirement.path("values").path(0).asString(""),
                operator.equals("In")));
      }
    }
    return terms;
  }

  private static ApiException invalid(String message) {
    return new ApiException(StatusReason.INVALID, message);
  }
}
