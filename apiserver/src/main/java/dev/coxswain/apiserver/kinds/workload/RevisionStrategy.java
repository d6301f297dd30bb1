package dev.coxswain.apiserver.kinds.workload;

import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** The rules of revisions: what one remembers never changes, only how new it is. */
public final class RevisionStrategy extends StandardStrategy {
  /** Rules on this shape. */
  public RevisionStrategy(Schema schema) {
    super(schema, false, false);
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    if (object.path("revision").asLong(0) < 0) {
      errors.add(
          FieldError.invalid(
              "revision", object.path("revision"), "must be greater than or equal to 0"));
    }
    if (!object.hasNonNull("data")) {
      errors.add(FieldError.required("data", "data is mandatory"));
    }
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    Checks.immutable(object.path("data"), old.path("data"), "data", errors);
  }
}
