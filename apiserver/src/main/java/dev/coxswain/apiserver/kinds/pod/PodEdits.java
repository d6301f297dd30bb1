package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.Strategy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The parts of a pod that change by paths of their own. */
public final class PodEdits {
  private static final Set<String> MUTABLE = Set.of("cpu", "memory");

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
        new PodSpecRules(errors).check(object.path("spec"), "spec");
      }

      @Override
      protected void validateChangeInto(
          ObjectNode object, ObjectNode old, List<FieldError> errors) {
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

  /** {@code pods/resize}: requests and limits of cpu and memory may change, and nothing else. */
  public static Strategy resize(Schema schema) {
    return new StandardStrategy(schema, true, true) {
      @Override
      public void prepareForUpdate(ObjectNode object, ObjectNode old) {
        ObjectNode spec = Json.ensureObject(old, "spec").deepCopy();
        for (String list : List.of("containers", "initContainers")) {
          for (JsonNode container : spec.path(list)) {
            JsonNode wanted = named(object.path("spec").path(list), Json.text(container, "name"));
            if (container instanceof ObjectNode kept && wanted.has("resources")) {
              kept.set("resources", wanted.path("resources").deepCopy());
            }
          }
        }
        object.set("spec", spec);
        super.prepareForUpdate(object, old);
      }

      @Override
      protected void validateInto(ObjectNode object, List<FieldError> errors) {
        new PodSpecRules(errors).check(object.path("spec"), "spec");
      }

      @Override
      protected void validateChangeInto(
          ObjectNode object, ObjectNode old, List<FieldError> errors) {
        String before = QualityOfService.of(old.path("spec"));
        if (!QualityOfService.of(object.path("spec")).equals(before)) {
          errors.add(
              FieldError.invalid(
                  "spec", before, "Pod QOS Class may not change as a result of resizing"));
        }
        errors.addAll(others(object, old));
      }
    };
  }

  private static List<FieldError> others(ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>();
    int index = 0;
    for (JsonNode container : object.path("spec").path("containers")) {
      JsonNode before = named(old.path("spec").path("containers"), Json.text(container, "name"));
      for (String kind : List.of("requests", "limits")) {
        ObjectNode now = rest(Json.at(container, "resources", kind));
        if (!Json.same(now, rest(Json.at(before, "resources", kind)))) {
          errors.add(
              FieldError.forbidden(
                  "spec.containers[" + index + "].resources." + kind,
                  "only cpu and memory resources are mutable"));
        }
      }
      index++;
    }
    return errors;
  }

  private static ObjectNode rest(JsonNode amounts) {
    return amounts instanceof ObjectNode object
        ? object.deepCopy().without(MUTABLE)
        : Json.object();
  }

  private static JsonNode named(JsonNode list, String name) {
    for (JsonNode element : list) {
      if (Json.text(element, "name").equals(name)) {
        return element;
      }
    }
    return list.path(-1);
  }
}
