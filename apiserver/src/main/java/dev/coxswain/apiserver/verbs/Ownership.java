package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.fields.FieldSet;
import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.managedfields.FieldManager;
import dev.coxswain.apiserver.managedfields.Versions;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.ServedVersions;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import dev.coxswain.runtime.time.Time;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Records, for each write, who owns which fields. */
final class Ownership {
  private static final FieldSet STATUS = FieldSet.field("status");

  /**
   * Objects that are a part of what holds them in upstream's own types: they are there, empty, in
   * every object, and so nobody owns them for having filled them.
   */
  private static final Set<String> PARTS =
      Set.of("metadata", "spec", "status", "template", "strategy", "updateStrategy", "jobTemplate");

  private final ResourceRegistry registry;
  private final Time time;

  Ownership(ResourceRegistry registry, Time time) {
    this.registry = registry;
    this.time = time;
  }

  /** Keeps the owners through one write. */
  FieldManager of(ResourceType type, Part part, WriteContext context) {
    // By its own path an object's status cannot be written, so nobody owns it for having tried.
    FieldSet ignored = part instanceof Part.Status || !type.hasStatus() ? FieldSet.EMPTY : STATUS;
    return new FieldManager(
        new Served(registry, type),
        type.kind().apiVersion(),
        type.schema(),
        ignored,
        new FieldManager.Writer(context.fieldManager(), part.name(), Metadata.time(time.now())));
  }

  /** What the create of an object starts from. */
  static ObjectNode blank(ResourceType type, ObjectNode object) {
    return BuiltinSchemas.builtin(type.schema()) ? parts(object) : Json.object();
  }

  private static ObjectNode parts(JsonNode object) {
    ObjectNode blank = Json.object();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (PARTS.contains(field.getKey()) && field.getValue().isObject()) {
        blank.set(field.getKey(), parts(field.getValue()));
      }
    }
    return blank;
  }

  /** The versions of a kind that are served now. */
  private record Served(ResourceRegistry registry, ResourceType type) implements Versions {
    @Override
    public Optional<Version> at(String apiVersion) {
      int slash = apiVersion.indexOf('/');
      String group = slash < 0 ? "" : apiVersion.substring(0, slash);
      return registry
          .find(group, apiVersion.substring(slash + 1), type.plural())
          .filter(other -> other.storedResource().equals(type.storedResource()))
          .map(other -> new Converted(type, other));
    }
  }

  private record Converted(ResourceType own, ResourceType other) implements Versions.Version {
    @Override
    public Schema schema() {
      return other.schema();
    }

    @Override
    public ObjectNode from(ObjectNode object) {
      return ServedVersions.convert(object, own, other);
    }

    @Override
    public ObjectNode back(ObjectNode object) {
      return ServedVersions.convert(object, other, own);
    }
  }
}
