package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.Strategy;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The parts of a pod that change by paths of their own. */
public final class PodEdits {
  private PodEdits() {}

  /** {@code pods/ephemeralcontainers}: containers may be added, and nothing else changes. */
  public static Strategy ephemeralContainers(Schema schema) {
    return new StandardStrategy(schema, true, true) {
      @Override
      public void prepareForUpdate(ObjectNode object, ObjectNode old) {
        JsonNode wanted = object.path("spec").path("ephemeralContainers").deepCopy();
        ObjectNode spec = Json.ensureObject(old, "spec").deepCopy();
        if (!wanted.isMissingNode()) {
          spec.set("ephemeralContainers", wanted);
        }
        object.set("spec", spec);
        super.prepareForUpdate(object, old);
      }

      @Override
      protected void validateInto(ObjectNode object, List<FieldError> errors) {
        new PodSpecRules(errors).checkPod(object.path("metadata"), object.path("spec"), "spec");
      }

      @Override
      protected void validateChangeInto(
          ObjectNode object, ObjectNode old, List<FieldError> errors) {
        if (Mirrors.isMirror(old)) {
          // Its node looks at nothing but the manifest. The path is upstream's for the whole pod.
          errors.clear();
          errors.add(FieldError.forbidden("[]", "static pods do not support ephemeral containers"));
          return;
        }
        JsonNode now = object.path("spec").path("ephemeralContainers");
        for (JsonNode container : old.path("spec").path("ephemeralContainers")) {
          String name = Json.text(container, "name");
          boolean kept = false;
          for (JsonNode candidate : now) {
            kept |= Json.same(candidate, container);
          }
          if (!kept) {
            errors.add(
                FieldError.forbidden(
                    "spec.ephemeralContainers",
                    "existing ephemeral containers \""
                        + name
                        + "\" may not be removed or changed"));
          }
        }
      }
    };
  }
}
