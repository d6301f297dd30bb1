package dev.coxswain.apiserver.kinds.network;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of IPAddresses: each says whose it is, for ever. */
public final class AddressStrategy extends StandardStrategy {
  private static final String PARENT = "spec.parentRef";

  /** Rules on this shape. */
  public AddressStrategy(Schema schema) {
    super(schema, false, true);
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode parent = Json.at(object, "spec", "parentRef");
    if (!parent.isObject()) {
      errors.add(FieldError.required(PARENT, ""));
      return;
    }
    String group = Json.text(parent, "group");
    if (!group.isEmpty()) {
      Checks.form(Names.subdomain(group), PARENT + ".group", group, errors);
    }
    for (String field : List.of("resource", "name")) {
      if (Checks.required(parent, field, PARENT, errors)) {
        Checks.pathSegment(parent, field, PARENT, errors);
      }
    }
    Checks.pathSegment(parent, "namespace", PARENT, errors);
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    Checks.immutable(
        Json.at(object, "spec", "parentRef"), Json.at(old, "spec", "parentRef"), PARENT, errors);
  }
}
