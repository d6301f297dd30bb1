package dev.coxswain.apiserver.kinds.storage;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.ClaimSpecRules;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.NodeSelectorRules;
import dev.coxswain.apiserver.kinds.pod.ForeignVolumeRules;
import dev.coxswain.apiserver.registry.FieldError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of persistent volumes: each is of one type, and stays where and what it is. */
public final class VolumeStrategy extends BindableStrategy {
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

  /** The types whose rules are not those of the volumes of pods. */
  private static final Set<String> OWN_RULES = Set.of("csi", "hostPath", "local");

  /** What a driver logs on with, for what it does. */
  private static final List<String> SECRETS =
      List.of(
          "controllerPublishSecretRef",
          "controllerExpandSecretRef",
          "nodePublishSecretRef",
          "nodeExpandSecretRef");

  /** Rules on this shape. */
  public VolumeStrategy(Schema schema) {
    super(schema);
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    super.fillDefaults(object);
    Defaults.text(Json.ensureObject(object, SPEC), "persistentVolumeReclaimPolicy", "Retain");
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode spec = object.path(SPEC);
    ClaimSpecRules.accessModes(spec, "", SPEC, errors);
    capacity(spec.path("capacity"), errors);
    source(spec, errors);
    ClaimSpecRules.className(spec, SPEC, errors);
    attributes(spec, errors);
    JsonNode affinity = spec.path("nodeAffinity");
    if (affinity.path("required").isObject()) {
      NodeSelectorRules.check(affinity.path("required"), "spec.nodeAffinity.required", errors);
    } else if (affinity.isObject()) {
      errors.add(
          FieldError.required(
              "spec.nodeAffinity.required", "must specify required node constraints"));
    }
  }

  private static void attributes(JsonNode spec, List<FieldError> errors) {
    String path = "spec.volumeAttributesClassName";
    JsonNode name = spec.path("volumeAttributesClassName");
    if (!name.isString()) {
      return;
    }
    if (name.asString().isEmpty()) {
      errors.add(FieldError.required(path, "an empty string is disallowed"));
    } else {
      Checks.form(Names.subdomain(name.asString()), path, name.asString(), errors);
    }
    if (!spec.path("csi").isObject()) {
      errors.add(
          FieldError.required(
              "spec.csi", "has to be specified when using volumeAttributesClassName"));
    }
  }

  @Override
  public List<String> warnings(ObjectNode object, @Nullable ObjectNode old) {
    List<String> warnings = new ArrayList<>();
    if (old != null && sameWanted(object, old)) {
      // Whoever reports a status is not the one to warn.
      return warnings;
    }
    StorageWarnings.annotations(object, warnings);
    StorageWarnings.volume(object, warnings);
    return warnings;
  }

  private static void capacity(JsonNode capacity, List<FieldError> errors) {
    if (capacity.isEmpty()) {
      errors.add(FieldError.required("spec.capacity", ""));
    } else if (!capacity.has("storage") || capacity.size() > 1) {
      errors.add(FieldError.notSupported("spec.capacity", capacity, List.of("storage")));
    }
    ClaimSpecRules.positive(capacity.path("storage"), "spec.capacity[storage]", errors);
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
      Checks.driverName(spec.path("csi").path("driver").asString(""), "spec.csi.driver", errors);
      Checks.required(spec.path("csi"), "volumeHandle", "spec.csi", errors);
      for (String secret : SECRETS) {
        secret(spec.path("csi").path(secret), "spec.csi." + secret, errors);
      }
    }
    if (!types.isEmpty() && !OWN_RULES.contains(types.getFirst())) {
      String type = types.getFirst();
      new ForeignVolumeRules(errors).check(type, spec.path(type), "spec." + type);
    }
  }

  /** A secret of a driver may be in any namespace, which is told, too. */
  private static void secret(JsonNode secret, String path, List<FieldError> errors) {
    if (!secret.isObject()) {
      return;
    }
    if (Checks.required(secret, "name", path, errors)) {
      String name = Json.text(secret, "name");
      Checks.form(Names.subdomain(name), path + ".name", name, errors);
    }
    if (Checks.required(secret, "namespace", path, errors)) {
      String namespace = Json.text(secret, "namespace");
      Checks.form(Names.label(namespace), path + ".namespace", namespace, errors);
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
    super.validateChangeInto(object, old, errors);
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
