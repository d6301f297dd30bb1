package dev.coxswain.apiserver.kinds;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.rbac.BindingStrategy;
import dev.coxswain.apiserver.kinds.rbac.RoleStrategy;
import dev.coxswain.apiserver.registry.Column;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.table.Columns;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Who may do what. */
final class RbacKinds {
  private RbacKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds
            .declare(
                "ClusterRoleBinding",
                new BindingStrategy(kinds.schema("ClusterRoleBinding"), Set.of("ClusterRole")))
            .clusterScoped()
            .columns(bindingColumns())
            .build(),
        kinds
            .declare("ClusterRole", new RoleStrategy(kinds.schema("ClusterRole"), false))
            .clusterScoped()
            .columns(Columns.name(), Columns.createdAt())
            .build(),
        kinds
            .declare(
                "RoleBinding",
                new BindingStrategy(kinds.schema("RoleBinding"), Set.of("Role", "ClusterRole")))
            .columns(bindingColumns())
            .build(),
        kinds
            .declare("Role", new RoleStrategy(kinds.schema("Role"), true))
            .columns(Columns.name(), Columns.createdAt())
            .build());
  }

  private static List<Column> bindingColumns() {
    return Columns.named(
        Columns.text(
            "Role",
            "What is allowed.",
            b -> Json.text(b, "roleRef", "kind") + "/" + Json.text(b, "roleRef", "name")),
        Columns.age(),
        Columns.wide("Users", "To which users.", b -> subjects(b, "User")),
        Columns.wide("Groups", "To which groups.", b -> subjects(b, "Group")),
        Columns.wide(
            "ServiceAccounts", "To which service accounts.", b -> subjects(b, "ServiceAccount")));
  }

  private static String subjects(ObjectNode binding, String kind) {
    List<String> names = new ArrayList<>();
    for (JsonNode subject : binding.path("subjects")) {
      if (Json.text(subject, "kind").equals(kind)) {
        String name = Json.text(subject, "name");
        boolean account = kind.equals("ServiceAccount");
        names.add(account ? Json.text(subject, "namespace") + "/" + name : name);
      }
    }
    return String.join(", ", names);
  }
}
