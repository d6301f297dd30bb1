package dev.coxswain.apiserver.kinds.storage;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of volumes, claims and storage classes. */
public final class StorageDefaults {
  private StorageDefaults() {}

  /** Of persistent volumes. */
  public static StandardStrategy volume(Schema schema) {
    return new StandardStrategy(schema, true, false) {
      @Override
      public void prepareForCreate(ObjectNode object) {
        super.prepareForCreate(object);
        object.putObject("status").put("phase", "Pending");
      }

      @Override
      public void fillDefaults(ObjectNode object) {
        ObjectNode spec = Json.ensureObject(object, "spec");
        Defaults.text(spec, "persistentVolumeReclaimPolicy", "Retain");
        Defaults.text(spec, "volumeMode", "Filesystem");
      }

      @Override
      protected void validateInto(ObjectNode object, List<FieldError> errors) {
        accessModes(object, errors);
        if (Json.text(object, "spec", "capacity", "storage").isEmpty()) {
          errors.add(FieldError.required("spec.capacity", ""));
        }
      }
    };
  }

  /** Of claims. */
  public static StandardStrategy claim(Schema schema) {
    return new StandardStrategy(schema, true, false) {
      @Override
      public void prepareForCreate(ObjectNode object) {
        super.prepareForCreate(object);
        object.putObject("status").put("phase", "Pending");
      }

      @Override
      public void fillDefaults(ObjectNode object) {
        Defaults.text(Json.ensureObject(object, "spec"), "volumeMode", "Filesystem");
      }

      @Override
      protected void validateInto(ObjectNode object, List<FieldError> errors) {
        accessModes(object, errors);
        if (Json.text(object, "spec", "resources", "requests", "storage").isEmpty()) {
          errors.add(FieldError.required("spec.resources[storage]", ""));
        }
      }

      @Override
      protected void validateChangeInto(
          ObjectNode object, ObjectNode old, List<FieldError> errors) {
        for (String field : List.of("accessModes", "selector", "volumeMode", "dataSource")) {
          boolean same = Json.same(object.path("spec").path(field), old.path("spec").path(field));
          if (!same) {
            errors.add(
                FieldError.forbidden(
                    "spec",
                    "spec is immutable after creation except resources.requests and"
                        + " volumeAttributesClassName for bound claims"));
            return;
          }
        }
      }
    };
  }

  private static void accessModes(ObjectNode object, List<FieldError> errors) {
    JsonNode modes = object.path("spec").path("accessModes");
    if (modes.isEmpty()) {
      errors.add(FieldError.required("spec.accessModes", "at least 1 access mode is required"));
    }
  }

  /** Of storage classes. */
  public static StandardStrategy storageClass(Schema schema) {
    return new StandardStrategy(schema, false, false) {
      @Override
      public void fillDefaults(ObjectNode object) {
        Defaults.text(object, "reclaimPolicy", "Delete");
        Defaults.text(object, "volumeBindingMode", "Immediate");
      }

      @Override
      protected void validateChangeInto(
          ObjectNode object, ObjectNode old, List<FieldError> errors) {
        for (String field :
            List.of("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode")) {
          if (field.equals("parameters")) {
            if (!Json.same(object.path(field), old.path(field))) {
              errors.add(FieldError.forbidden(field, "updates to parameters are forbidden."));
            }
          } else {
            Checks.immutable(object.path(field), old.path(field), field, errors);
          }
        }
      }
    };
  }
}
