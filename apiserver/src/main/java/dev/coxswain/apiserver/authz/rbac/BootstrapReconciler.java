package dev.coxswain.apiserver.authz.rbac;

import dev.coxswain.api.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Brings a stored role or binding up to the bootstrap policy without taking away what an
 * administrator added, unless the object's {@code autoupdate} annotation says to leave it alone.
 * The rules of a role that gathers others are its controller's.
 */
public final class BootstrapReconciler {
  /** {@code "false"} on an object keeps it as it is. */
  static final String AUTO_UPDATE = "rbac.authorization.kubernetes.io/autoupdate";

  private BootstrapReconciler() {}

  /**
   * The object to store in place of the one that is there; empty where nothing is missing or it is
   * to be left alone.
   */
  public static Optional<ObjectNode> reconcile(ObjectNode stored, ObjectNode wanted) {
    if (stored
        .path("metadata")
        .path("annotations")
        .path(AUTO_UPDATE)
        .asString("true")
        .equals("false")) {
      return Optional.empty();
    }
    ObjectNode next = stored.deepCopy();
    if (!wanted.path("aggregationRule").isMissingNode()) {
      next.set("aggregationRule", wanted.path("aggregationRule").deepCopy());
      if (next.path("rules").isEmpty()) {
        // Of a cluster from before there was a controller; it will find nothing left to do.
        next.set("rules", wanted.path("rules").deepCopy());
      }
    } else if (wanted.has("rules")) {
      removeRules(next, BootstrapPolicy.retired(Json.text(wanted, "metadata", "name")));
      addRules(next, PolicyRule.list(wanted.path("rules")));
    }
    if (wanted.has("subjects")) {
      union(next, "subjects", wanted.path("subjects"));
    }
    return next.equals(stored) ? Optional.empty() : Optional.of(next);
  }

  private static void removeRules(ObjectNode role, List<PolicyRule> retired) {
    List<PolicyRule> held = PolicyRule.list(role.path("rules"));
    if (held.stream().anyMatch(retired::contains)) {
      ArrayNode rules = role.putArray("rules");
      held.stream().filter(rule -> !retired.contains(rule)).forEach(rule -> rules.add(rule.json()));
    }
  }

  private static void addRules(ObjectNode role, List<PolicyRule> wanted) {
    List<PolicyRule> held = new ArrayList<>(PolicyRule.list(role.path("rules")));
    ArrayNode rules = role.withArray("rules");
    for (PolicyRule rule : wanted) {
      if (!rule.missingFrom(held).isEmpty()) {
        held.add(rule);
        rules.add(rule.json());
      }
    }
  }

  private static void union(ObjectNode object, String field, JsonNode wanted) {
    ArrayNode array = object.withArray(field);
    Set<JsonNode> present = new LinkedHashSet<>();
    array.forEach(present::add);
    for (JsonNode element : wanted) {
      if (present.add(element)) {
        array.add(element.deepCopy());
      }
    }
  }
}
