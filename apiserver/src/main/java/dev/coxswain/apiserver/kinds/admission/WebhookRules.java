package dev.coxswain.apiserver.kinds.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.admission.policy.PolicyRules;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.ClientConfigRules;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What is wrong with the webhooks of a configuration; the texts and paths are upstream's. */
final class WebhookRules {
  private static final List<String> REVIEWS = List.of("v1", "v1beta1");
  private static final List<String> SIDE_EFFECTS = List.of("None", "NoneOnDryRun");
  private static final int LONGEST_TIMEOUT = 30;

  private WebhookRules() {}

  static void check(JsonNode webhooks, boolean mutating, List<FieldError> errors) {
    Set<String> names = new HashSet<>();
    int index = 0;
    for (JsonNode webhook : webhooks) {
      String path = "webhooks[" + index++ + "]";
      webhook(webhook, mutating, path, errors);
      reviews(webhook.path("admissionReviewVersions"), path, errors);
      String name = Json.text(webhook, "name");
      if (!name.isEmpty() && !names.add(name)) {
        errors.add(FieldError.duplicate(path + ".name", name));
      }
    }
  }

  private static void webhook(
      JsonNode webhook, boolean mutating, String path, List<FieldError> errors) {
    name(Json.text(webhook, "name"), path + ".name", errors);
    int index = 0;
    for (JsonNode rule : webhook.path("rules")) {
      RequestRuleChecks.check(rule, path + ".rules[" + index++ + "]", errors);
    }
    choice(webhook, "failurePolicy", List.of("Fail", "Ignore"), path, errors);
    choice(webhook, "matchPolicy", List.of("Equivalent", "Exact"), path, errors);
    if (mutating) {
      choice(webhook, "reinvocationPolicy", List.of("IfNeeded", "Never"), path, errors);
    }
    if (Json.text(webhook, "sideEffects").isEmpty()) {
      errors.add(
          FieldError.required(
              path + ".sideEffects", "must specify one of " + String.join(", ", SIDE_EFFECTS)));
    } else {
      choice(webhook, "sideEffects", SIDE_EFFECTS, path, errors);
    }
    long timeout = Json.number(webhook, 1, "timeoutSeconds");
    if (timeout < 1 || timeout > LONGEST_TIMEOUT) {
      errors.add(
          FieldError.invalid(
              path + ".timeoutSeconds",
              timeout,
              "the timeout value must be between 1 and 30 seconds"));
    }
    Checks.selector(webhook.path("namespaceSelector"), path + ".namespaceSelector", errors);
    Checks.selector(webhook.path("objectSelector"), path + ".objectSelector", errors);
    ClientConfigRules.check(webhook.path("clientConfig"), path + ".clientConfig", errors);
    PolicyRules.conditions(webhook.path("matchConditions"), path + ".matchConditions", errors);
  }

  private static void name(String name, String path, List<FieldError> errors) {
    if (name.isEmpty()) {
      errors.add(FieldError.required(path, ""));
      return;
    }
    Checks.form(Names.subdomain(name), path, name, errors);
    if (name.split("\\.", -1).length < 3) {
      errors.add(
          FieldError.invalid(
              path, name, "should be a domain with at least three segments separated by dots"));
    }
  }

  private static void choice(
      JsonNode node, String field, List<String> allowed, String path, List<FieldError> errors) {
    String value = Json.text(node, field);
    if (!value.isEmpty() && !allowed.contains(value)) {
      errors.add(FieldError.notSupported(path + "." + field, value, allowed));
    }
  }

  private static void reviews(JsonNode versions, String parent, List<FieldError> errors) {
    String path = parent + ".admissionReviewVersions";
    String known = String.join(", ", REVIEWS);
    if (versions.isEmpty()) {
      errors.add(FieldError.required(path, "must specify one of " + known));
      return;
    }
    Set<String> seen = new HashSet<>();
    boolean usable = false;
    int index = 0;
    for (JsonNode one : versions) {
      String version = one.asString("");
      String place = path + "[" + index++ + "]";
      if (!seen.add(version)) {
        errors.add(FieldError.invalid(place, version, "duplicate version"));
        continue;
      }
      Checks.form(Names.label1035(version), place, version, errors);
      usable |= REVIEWS.contains(version);
    }
    if (!usable) {
      errors.add(FieldError.invalid(path, versions, "must include at least one of " + known));
    }
  }
}
