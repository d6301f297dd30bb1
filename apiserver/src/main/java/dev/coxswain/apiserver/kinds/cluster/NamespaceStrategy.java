package dev.coxswain.apiserver.kinds.cluster;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.Strategy;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of namespaces, which stay while something in them is left. */
public final class NamespaceStrategy extends StandardStrategy {
  private static final String KUBERNETES = "kubernetes";
  private static final String NAME_LABEL = "kubernetes.io/metadata.name";

  /** Rules on this shape. */
  public NamespaceStrategy(Schema schema) {
    super(schema, true, false);
  }

  @Override
  public void prepareForCreate(ObjectNode object) {
    super.prepareForCreate(object);
    object.putObject("status").put("phase", "Active");
    ObjectNode spec = Json.ensureObject(object, "spec");
    boolean held = false;
    for (JsonNode finalizer : spec.path("finalizers")) {
      held |= finalizer.asString("").equals(KUBERNETES);
    }
    if (!held) {
      ArrayNode finalizers =
          spec.get("finalizers") instanceof ArrayNode list ? list : spec.putArray("finalizers");
      finalizers.add(KUBERNETES);
    }
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    String name = Json.text(object, "metadata", "name");
    if (!name.isEmpty()) {
      Json.ensureObject(object, "metadata", "labels").put(NAME_LABEL, name);
    }
    Json.ensureObject(object, "spec");
    if (object.get("status") instanceof ObjectNode status) {
      Defaults.text(status, "phase", "Active");
    }
  }

  @Override
  public void prepareForUpdate(ObjectNode object, ObjectNode old) {
    super.prepareForUpdate(object, old);
    copy(Json.ensureObject(old, "spec"), Json.ensureObject(object, "spec"), "finalizers");
  }

  @Override
  public List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
    boolean going = Json.at(old, "metadata", "deletionTimestamp").isString();
    String allowed = going ? "Terminating" : "Active";
    String phase = Json.text(object, "status", "phase");
    return phase.equals(allowed)
        ? List.of()
        : List.of(
            FieldError.invalid(
                "status.phase",
                phase,
                "may only be '"
                    + allowed
                    + "' if `deletionTimestamp` is "
                    + (going ? "not empty" : "empty")));
  }

  @Override
  public void markDeleted(ObjectNode object) {
    Json.ensureObject(object, "status").put("phase", "Terminating");
  }

  @Override
  public boolean mayBeRemoved(ObjectNode object) {
    return object.path("spec").path("finalizers").isEmpty();
  }

  /** {@code namespaces/finalize}: only the finalizers change. */
  public static Strategy finalizing() {
    return new Strategy() {
      @Override
      public void prepareForUpdate(ObjectNode object, ObjectNode old) {
        JsonNode finalizers = object.path("spec").path("finalizers");
        copy(old, object, "status");
        ObjectNode spec = Json.ensureObject(old, "spec").deepCopy();
        spec.set("finalizers", finalizers.isArray() ? finalizers : Json.array());
        object.set("spec", spec);
      }

      @Override
      public List<FieldError> validate(ObjectNode object) {
        return List.of();
      }
    };
  }
}
