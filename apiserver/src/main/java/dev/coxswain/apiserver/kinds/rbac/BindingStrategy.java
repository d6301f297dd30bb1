package dev.coxswain.apiserver.kinds.rbac;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of role bindings. */
public final class BindingStrategy extends StandardStrategy {
  private static final String GROUP = "rbac.authorization.k8s.io";
  private final Set<String> roleKinds;

  /**
   * Rules on a shape.
   *
   * @param roleKinds what may be bound
   */
  public BindingStrategy(Schema schema, Set<String> roleKinds) {
    super(schema, false, false);
    this.roleKinds = Set.copyOf(roleKinds);
  }

  @Override
  public boolean mayCreateOnUpdate() {
    return true;
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    if (object.get("roleRef") instanceof ObjectNode role) {
      Defaults.text(role, "apiGroup", GROUP);
    }
    for (JsonNode subject : object.path("subjects")) {
      boolean person = Set.of("User", "Group").contains(Json.text(subject, "kind"));
      if (person && subject instanceof ObjectNode node) {
        Defaults.text(node, "apiGroup", GROUP);
      }
    }
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode role = object.path("roleRef");
    if (!Json.text(role, "apiGroup").equals(GROUP)) {
      errors.add(
          FieldError.notSupported("roleRef.apiGroup", Json.text(role, "apiGroup"), List.of(GROUP)));
    }
    if (!roleKinds.contains(Json.text(role, "kind"))) {
      errors.add(FieldError.notSupported("roleRef.kind", Json.text(role, "kind"), roleKinds));
    }
    Checks.required(role, "name", "roleRef", errors);
    Checks.pathSegment(role, "name", "roleRef", errors);
    boolean namespaced = roleKinds.contains("Role");
    int index = 0;
    for (JsonNode subject : object.path("subjects")) {
      subject(subject, "subjects[" + index++ + "]", namespaced, errors);
    }
  }

  private static void subject(
      JsonNode subject, String path, boolean namespaced, List<FieldError> errors) {
    String name = Json.text(subject, "name");
    if (name.isEmpty()) {
      errors.add(FieldError.required(path + ".name", ""));
    }
    String group = Json.text(subject, "apiGroup");
    switch (Json.text(subject, "kind")) {
      case "ServiceAccount" -> {
        if (!name.isEmpty()) {
          Checks.form(Names.subdomain(name), path + ".name", name, errors);
        }
        if (!group.isEmpty()) {
          errors.add(FieldError.notSupported(path + ".apiGroup", group, List.of("")));
        }
        if (!namespaced && Json.text(subject, "namespace").isEmpty()) {
          errors.add(FieldError.required(path + ".namespace", ""));
        }
      }
      case "User", "Group" -> {
        if (!group.equals(GROUP)) {
          errors.add(FieldError.notSupported(path + ".apiGroup", group, List.of(GROUP)));
        }
      }
      default ->
          errors.add(
              FieldError.notSupported(
                  path + ".kind",
                  Json.text(subject, "kind"),
                  List.of("ServiceAccount", "User", "Group")));
    }
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    if (!Json.same(object.path("roleRef"), old.path("roleRef"))) {
      errors.add(FieldError.invalid("roleRef", object.path("roleRef"), "cannot change roleRef"));
    }
  }
}
