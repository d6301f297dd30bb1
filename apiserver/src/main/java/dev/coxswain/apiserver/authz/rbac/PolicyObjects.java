package dev.coxswain.apiserver.authz.rbac;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.selector.LabelSelector;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A small notation for roles and bindings: lists are comma-separated, the core group is the empty
 * string.
 */
final class PolicyObjects {
  private static final String API_VERSION = CompiledPolicy.GROUP + "/v1";
  private static final String BOOTSTRAPPING = "kubernetes.io/bootstrapping";

  private final List<ObjectNode> objects = new ArrayList<>();

  /** What was noted down, in order; roles that gather others have the rules of these. */
  List<ObjectNode> list() {
    boolean again = true;
    while (again) {
      again = false;
      for (ObjectNode role : objects) {
        again |= role.has("aggregationRule") && gather(role);
      }
    }
    return List.copyOf(objects);
  }

  /** In the order in which the controller gathers them, so that it has nothing to write. */
  private boolean gather(ObjectNode role) {
    Set<JsonNode> rules = new LinkedHashSet<>();
    for (JsonNode selector : role.path("aggregationRule").path("clusterRoleSelectors")) {
      LabelSelector wanted = LabelSelector.of(selector);
      objects.stream()
          .filter(other -> wanted.matchesNode(other.path("metadata").path("labels")))
          .filter(other -> !name(other).equals(name(role)))
          .sorted(Comparator.comparing(PolicyObjects::name))
          .forEach(other -> other.path("rules").forEach(rules::add));
    }
    ArrayNode before = role.withArray("rules");
    ArrayNode after = role.putArray("rules");
    rules.forEach(rule -> after.add(rule.deepCopy()));
    return !after.equals(before);
  }

  private static String name(ObjectNode object) {
    return Json.text(object, "metadata", "name");
  }

  static PolicyRule rule(String groups, String resources, String verbs) {
    return new PolicyRule(split(verbs), split(groups), split(resources), List.of(), List.of());
  }

  static PolicyRule named(String groups, String resources, String names, String verbs) {
    return new PolicyRule(split(verbs), split(groups), split(resources), split(names), List.of());
  }

  static PolicyRule paths(String paths, String verbs) {
    return new PolicyRule(split(verbs), List.of(), List.of(), List.of(), split(paths));
  }

  private static List<String> split(String list) {
    return List.of(list.split(",", -1));
  }

  void clusterRole(String name, PolicyRule... rules) {
    addRules(object("ClusterRole", "", name), rules);
  }

  /** A cluster role with further labels, by which others gather it. */
  void clusterRole(String name, Map<String, String> labels, PolicyRule... rules) {
    ObjectNode role = object("ClusterRole", "", name);
    ObjectNode all = (ObjectNode) role.path("metadata").path("labels");
    labels.forEach(all::put);
    addRules(role, rules);
  }

  /** A cluster role whose rules are those of all cluster roles with the label. */
  void aggregate(String name, Map<String, String> labels, String gathered) {
    ObjectNode role = object("ClusterRole", "", name);
    ObjectNode all = (ObjectNode) role.path("metadata").path("labels");
    labels.forEach(all::put);
    role.putObject("aggregationRule")
        .putArray("clusterRoleSelectors")
        .addObject()
        .putObject("matchLabels")
        .put(gathered, "true");
    role.putArray("rules");
  }

  void role(String namespace, String name, PolicyRule... rules) {
    addRules(object("Role", namespace, name), rules);
  }

  /**
   * Binds a cluster role; a subject is {@code User:x}, {@code Group:x} or {@code
   * ServiceAccount:namespace:x}.
   */
  void bind(String name, String clusterRole, String... subjects) {
    addSubjects(object("ClusterRoleBinding", "", name), "ClusterRole", clusterRole, subjects);
  }

  void bindRole(String namespace, String name, String role, String... subjects) {
    addSubjects(object("RoleBinding", namespace, name), "Role", role, subjects);
  }

  private static void addRules(ObjectNode role, PolicyRule... rules) {
    ArrayNode array = role.putArray("rules");
    for (PolicyRule rule : rules) {
      array.add(rule.json());
    }
  }

  private static void addSubjects(
      ObjectNode binding, String roleKind, String role, String... subjects) {
    binding
        .putObject("roleRef")
        .put("apiGroup", CompiledPolicy.GROUP)
        .put("kind", roleKind)
        .put("name", role);
    ArrayNode array = binding.putArray("subjects");
    for (String subject : subjects) {
      List<String> parts = List.of(subject.split(":", 2));
      ObjectNode node = array.addObject();
      if (parts.getFirst().equals("ServiceAccount")) {
        List<String> account = List.of(parts.getLast().split(":", 2));
        node.put("kind", "ServiceAccount")
            .put("name", account.getLast())
            .put("namespace", account.getFirst());
      } else {
        node.put("apiGroup", CompiledPolicy.GROUP)
            .put("kind", parts.getFirst())
            .put("name", parts.getLast());
      }
    }
  }

  private ObjectNode object(String kind, String namespace, String name) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", API_VERSION).put("kind", kind);
    ObjectNode metadata = object.putObject("metadata");
    metadata.put("name", name);
    if (!namespace.isEmpty()) {
      metadata.put("namespace", namespace);
    }
    metadata.putObject("annotations").put(BootstrapReconciler.AUTO_UPDATE, "true");
    metadata.putObject("labels").put(BOOTSTRAPPING, "rbac-defaults");
    objects.add(object);
    return object;
  }
}
