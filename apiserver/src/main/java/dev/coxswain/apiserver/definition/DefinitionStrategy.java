package dev.coxswain.apiserver.definition;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.structural.StringFormats;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of CustomResourceDefinitions. */
public final class DefinitionStrategy extends StandardStrategy {
  /** Keeps a deleted definition until its objects are gone. */
  public static final String CLEANUP = "customresourcecleanup.apiextensions.k8s.io";

  private static final int HTTPS = 443;

  /** The rules for definitions of this shape. */
  public DefinitionStrategy(Schema schema) {
    super(schema, true, true);
  }

  @Override
  protected boolean keepsMetadataOnStatusUpdate() {
    return false;
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    if (!(object.get("spec") instanceof ObjectNode spec)) {
      return;
    }
    if (spec.get("names") instanceof ObjectNode names) {
      String kind = Json.text(names, "kind");
      if (!kind.isEmpty()) {
        Defaults.text(names, "singular", kind.toLowerCase(Locale.ROOT));
        Defaults.text(names, "listKind", kind + "List");
      }
    }
    ObjectNode conversion = Defaults.object(spec, "conversion");
    Defaults.text(conversion, "strategy", "None");
    ObjectNode service = Json.objectAt(conversion, "webhook", "clientConfig", "service");
    if (service != null) {
      Defaults.number(service, "port", HTTPS);
    }
    addStoredVersion(object);
  }

  @Override
  public void prepareForCreate(ObjectNode object) {
    super.prepareForCreate(object);
    ObjectNode status = object.putObject("status");
    status.putArray("conditions");
    status.putObject("acceptedNames").put("plural", "").put("kind", "");
    status.putArray("storedVersions");
    addStoredVersion(object);
  }

  @Override
  public void prepareForUpdate(ObjectNode object, ObjectNode old) {
    super.prepareForUpdate(object, old);
    addStoredVersion(object);
  }

  /** What may now be stored must be remembered until somebody says that nothing of it is left. */
  private static void addStoredVersion(ObjectNode object) {
    ObjectNode status = Json.ensureObject(object, "status");
    ArrayNode stored =
        status.get("storedVersions") instanceof ArrayNode list
            ? list
            : status.putArray("storedVersions");
    String version = storageVersion(object);
    boolean known = version.isEmpty();
    for (JsonNode one : stored) {
      known |= one.asString("").equals(version);
    }
    if (!known) {
      stored.add(version);
    }
  }

  /** The version in which a definition's objects are stored; empty where none is marked. */
  public static String storageVersion(ObjectNode definition) {
    for (JsonNode version : Json.at(definition, "spec", "versions")) {
      if (Json.flag(version, "storage")) {
        return Json.text(version, "name");
      }
    }
    return "";
  }

  @Override
  public boolean mayUpdateUnconditionally() {
    return false;
  }

  @Override
  public void markDeleted(ObjectNode object) {
    ObjectNode metadata = Json.ensureObject(object, "metadata");
    ArrayNode finalizers =
        metadata.get("finalizers") instanceof ArrayNode list
            ? list
            : metadata.putArray("finalizers");
    boolean there = false;
    for (JsonNode finalizer : finalizers) {
      there |= finalizer.asString("").equals(CLEANUP);
    }
    if (!there) {
      finalizers.add(CLEANUP);
    }
    Conditions.set(
        object,
        new Conditions.Condition(
            "Terminating",
            "True",
            "InstanceDeletionPending",
            "CustomResourceDefinition marked for deletion; CustomResource deletion will begin"
                + " soon"),
        Json.text(metadata, "deletionTimestamp"));
  }

  @Override
  public List<FieldError> validate(ObjectNode object) {
    return new DefinitionRules(object, null).check();
  }

  @Override
  public List<FieldError> validateUpdate(ObjectNode object, ObjectNode old) {
    return new DefinitionRules(object, old).check();
  }

  @Override
  public List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>();
    NameRules.check(Json.at(object, "status", "acceptedNames"), "status.acceptedNames", errors);
    return errors;
  }

  @Override
  public List<String> warnings(ObjectNode object, @Nullable ObjectNode old) {
    Set<String> warnings = new LinkedHashSet<>(unknownFormats(object));
    if (old != null) {
      warnings.removeAll(unknownFormats(old));
    }
    return List.copyOf(warnings);
  }

  private static Set<String> unknownFormats(ObjectNode definition) {
    Set<String> unknown = new LinkedHashSet<>();
    for (JsonNode version : Json.at(definition, "spec", "versions")) {
      collectFormats(Json.at(version, "schema", "openAPIV3Schema"), unknown);
    }
    return unknown;
  }

  private static void collectFormats(JsonNode schema, Set<String> unknown) {
    String format = Json.text(schema, "format");
    if (!format.isEmpty() && !StringFormats.known(format)) {
      unknown.add("unrecognized format \"" + format + "\"");
    }
    schema.path("properties").forEach(child -> collectFormats(child, unknown));
    if (schema.path("items").isObject()) {
      collectFormats(schema.path("items"), unknown);
    }
    if (schema.path("additionalProperties").isObject()) {
      collectFormats(schema.path("additionalProperties"), unknown);
    }
  }
}
