package dev.coxswain.apiserver.kinds.storage;

import dev.coxswain.api.meta.Names;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of what drivers have left: of which class and where stays, how much changes. */
public final class CapacityStrategy extends StandardStrategy {
  /** Rules on this shape. */
  public CapacityStrategy(Schema schema) {
    super(schema, false, false);
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    Checks.selector(object.path("nodeTopology"), "nodeTopology", errors);
    String className = object.path("storageClassName").asString("");
    Checks.form(Names.subdomain(className), "storageClassName", className, errors);
    JsonNode capacity = object.path("capacity");
    if (capacity.isString() && Quantity.parse(capacity.asString()).signum() < 0) {
      errors.add(FieldError.invalid("capacity", capacity, "must be greater than or equal to 0"));
    }
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    for (String field : List.of("nodeTopology", "storageClassName")) {
      Checks.immutable(object.path(field), old.path(field), field, errors);
    }
  }
}
