package dev.coxswain.apiserver.authz.rbac;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.authn.ServiceAccountNames;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** All roles and bindings as of one moment, indexed by whom they are for. Immutable. */
final class CompiledPolicy {
  static final String GROUP = "rbac.authorization.k8s.io";
  static final GroupResource ROLES = new GroupResource(GROUP, "roles");
  static final GroupResource ROLE_BINDINGS = new GroupResource(GROUP, "rolebindings");
  static final GroupResource CLUSTER_ROLES = new GroupResource(GROUP, "clusterroles");
  static final GroupResource CLUSTER_ROLE_BINDINGS =
      new GroupResource(GROUP, "clusterrolebindings");

  /** Grants by namespace (empty for the whole cluster), then by subject. */
  private final Map<String, Map<String, List<Grant>>> grants = new HashMap<>();

  private final Map<ObjectKey, List<PolicyRule>> roles = new HashMap<>();

  private CompiledPolicy() {}

  static CompiledPolicy compile(ObjectView view) {
    CompiledPolicy policy = new CompiledPolicy();
    for (ObjectNode role : view.list(ROLES, "")) {
      policy.roles.put(key(role), PolicyRule.list(role.path("rules")));
    }
    // Those that gather others have the rules of these written into them by their controller.
    for (ObjectNode role : view.list(CLUSTER_ROLES, "")) {
      policy.roles.put(key(role), PolicyRule.list(role.path("rules")));
    }
    for (ObjectNode binding : view.list(CLUSTER_ROLE_BINDINGS, "")) {
      policy.bind(binding, "ClusterRoleBinding");
    }
    for (ObjectNode binding : view.list(ROLE_BINDINGS, "")) {
      policy.bind(binding, "RoleBinding");
    }
    return policy;
  }

  private static ObjectKey key(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    return new ObjectKey(
        metadata.path("namespace").asString(""), metadata.path("name").asString(""));
  }

  private void bind(ObjectNode binding, String kind) {
    ObjectKey name = key(binding);
    JsonNode reference = binding.path("roleRef");
    String roleKind = reference.path("kind").asString("");
    String roleName = reference.path("name").asString("");
    List<PolicyRule> rules = role(roleKind, name.namespace(), roleName);
    if (rules.isEmpty()) {
      return;
    }
    Map<String, List<Grant>> bySubject =
        grants.computeIfAbsent(name.namespace(), namespace -> new HashMap<>());
    for (JsonNode subject : binding.path("subjects")) {
      String subjectKind = subject.path("kind").asString("");
      String subjectName = subject.path("name").asString("");
      String index =
          switch (subjectKind) {
            case "User" -> user(subjectName);
            case "Group" -> group(subjectName);
            case "ServiceAccount" ->
                user(
                    ServiceAccountNames.user(
                        subject.path("namespace").asString(name.namespace()), subjectName));
            default -> "";
          };
      String because =
          "%s \"%s\" of %s \"%s\" to %s \"%s\""
              .formatted(kind, name, roleKind, roleName, subjectKind, subjectName);
      bySubject
          .computeIfAbsent(index, subjects -> new ArrayList<>())
          .add(new Grant(rules, because));
    }
  }

  /** The rules of a role; empty where there is no such role. */
  List<PolicyRule> role(String kind, String namespace, String name) {
    ObjectKey key =
        kind.equals("ClusterRole") ? ObjectKey.cluster(name) : new ObjectKey(namespace, name);
    return roles.getOrDefault(key, List.of());
  }

  /** What the user was given for the whole cluster and, where a namespace is named, within it. */
  Stream<Grant> grantsOf(UserInfo user, String namespace) {
    Stream<Map<String, List<Grant>>> scopes =
        namespace.isEmpty() ? Stream.of(scope("")) : Stream.of(scope(""), scope(namespace));
    return scopes.flatMap(scope ->
        Stream.concat(
                Stream.of(user(user.name())), user.groups().stream().map(CompiledPolicy::group))
            .flatMap(subject -> scope.getOrDefault(subject, List.of()).stream()));
  }

  private Map<String, List<Grant>> scope(String namespace) {
    return grants.getOrDefault(namespace, Map.of());
  }

  private static String user(String name) {
    return "u:" + name;
  }

  private static String group(String name) {
    return "g:" + name;
  }
}
