package dev.coxswain.apiserver.kinds.storage;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of persistent volumes: each is of one type, and stays where and what it is. */
public final class VolumeStrategy extends StandardStrategy {
  private static final String SPEC = "spec";

  /** The fields that say no type. */
  private static final Set<String> OF_ALL_TYPES =
      Set.of(
          "accessModes",
          "capacity",
          "claimRef",
          "mountOptions",
          "nodeAffinity",
          "persistentVolumeReclaimPolicy",
          "storageClassName",
          "volumeAttributesClassName",
          "volumeMode");

  static final Set<String> VOLUME_MODES = Set.of("Block", "Filesystem");
  private static final Set<String> RECLAIM_POLICIES = Set.of("Delete", "Recycle", "Retain");

  /** Rules on this shape. */
  public VolumeStrategy(Schema schema) {
    super(schema, true, false);
  }

  @Override
  public void prepareForCreate(ObjectNode object) {
    super.prepareForCreate(object);
    object.putObject("status").put("phase", "Pending");
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    ObjectNode spec = Json.ensureObject(object, SPEC);
    Defaults.text(spec, "persistentVolumeReclaimPolicy", "Retain");
    Defaults.text(spec, "volumeMode", "Filesystem");
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode spec = object.path(SPEC);
    AccessModes.check(spec, "", errors);
    capacity(spec.path("capacity"), errors);
    oneOf(spec, "persistentVolumeReclaimPolicy", RECLAIM_POLICIES, errors);
    oneOf(spec, "volumeMode", VOLUME_MODES, errors);
    source(spec, errors);
    className(spec, errors);
    if (spec.path("nodeAffinity").isObject() && !spec.path("nodeAffinity").has("required")) {
      errors.add(
          FieldError.required(
              "spec.nodeAffinity.required", "must specify required node constraints"));
    }
  }

  private static void capacity(JsonNode capacity, List<FieldError> errors) {
    if (capacity.isEmpty()) {
      errors.add(FieldError.required("spec.capacity", ""));
    } else if (!capacity.has("storage") || capacity.size() > 1) {
      errors.add(FieldError.notSupported("spec.capacity", capacity, List.of("storage")));
    }
    positive(capacity.path("storage"), "spec.capacity[storage]", errors);
  }

  /** A quantity, where it is given, must be of something. */
  static void positive(JsonNode quantity, String path, List<FieldError> errors) {
    if (quantity.isString() && Quantity.parse(quantity.asString()).signum() <= 0) {
      errors.add(FieldError.invalid(path, quantity, "must be greater than zero"));
    }
  }

  /** The class of a volume or claim, where it is given. */
  static void className(JsonNode spec, List<FieldError> errors) {
    String name = spec.path("storageClassName").asString("");
    if (!name.isEmpty()) {
      Checks.form(Names.subdomain(name), "spec.storageClassName", name, errors);
    }
  }

  /** One of a closed set, where it is given. */
  static void oneOf(JsonNode spec, String field, Set<String> allowed, List<FieldError> errors) {
    String value = spec.path(field).asString("");
    if (!value.isEmpty() && !allowed.contains(value)) {
      errors.add(FieldError.notSupported("spec." + field, value, allowed));
    }
  }

  private static void source(JsonNode spec, List<FieldError> errors) {
    List<String> types = types(spec);
    if (types.isEmpty()) {
      errors.add(FieldError.required(SPEC, "must specify a volume type"));
    }
    types.stream()
        .skip(1)
        .forEach(type ->
            errors.add(
                FieldError.forbidden("spec." + type, "may not specify more than 1 volume type")));
    if (spec.path("hostPath").isObject()) {
      String path = spec.path("hostPath").path("path").asString("");
      path(path, "spec.hostPath.path", errors);
      if (Path.of(path).normalize().toString().equals("/")
          && spec.path("persistentVolumeReclaimPolicy").asString("").equals("Recycle")) {
        errors.add(
            FieldError.forbidden(
                "spec.persistentVolumeReclaimPolicy",
                "may not be 'recycle' for a hostPath mount of '/'"));
      }
    }
    if (spec.path("local").isObject()) {
      path(spec.path("local").path("path").asString(""), "spec.local.path", errors);
      if (!spec.path("nodeAffinity").isObject()) {
        errors.add(FieldError.required("spec.nodeAffinity", "Local volume requires node affinity"));
      }
    }
    if (spec.path("csi").isObject()) {
      DriverStrategies.driverName(
          spec.path("csi").path("driver").asString(""), "spec.csi.driver", errors);
      Checks.required(spec.path("csi"), "volumeHandle", "spec.csi", errors);
    }
  }

  private static List<String> types(JsonNode spec) {
    return spec.propertyNames().stream()
        .filter(field -> !OF_ALL_TYPES.contains(field) && spec.path(field).isObject())
        .sorted()
        .toList();
  }

  private static void path(String path, String field, List<FieldError> errors) {
    if (path.isEmpty()) {
      errors.add(FieldError.required(field, ""));
    } else if (List.of(path.split("/", -1)).contains("..")) {
      errors.add(FieldError.invalid(field, path, "must not contain '..'"));
    }
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    if (!Json.same(fixed(object), fixed(old))) {
      errors.add(
          FieldError.forbidden(
              "spec.persistentvolumesource",
              "spec.persistentvolumesource is immutable after creation"));
    }
    Checks.immutable(
        Json.at(object, SPEC, "volumeMode"),
        Json.at(old, SPEC, "volumeMode"),
        "volumeMode",
        errors);
    JsonNode affinity = Json.at(old, SPEC, "nodeAffinity");
    if (affinity.isObject()) {
      Checks.immutable(Json.at(object, SPEC, "nodeAffinity"), affinity, "nodeAffinity", errors);
    }
  }

  /** What a volume is; whose secret makes it grow may be said later. */
  private static ObjectNode fixed(ObjectNode object) {
    ObjectNode type = ((ObjectNode) object.path(SPEC)).deepCopy().remove(OF_ALL_TYPES);
    if (type.get("csi") instanceof ObjectNode csi) {
      csi.remove("controllerExpandSecretRef");
    }
    return type;
  }
}
