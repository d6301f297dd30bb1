package dev.coxswain.apiserver.kinds.common;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.Strategy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What most kinds have in common: a status that only {@code /status} writes, a generation that
 * counts changes of what is wanted, and the checks that follow from the shape. A kind with more
 * rules extends this.
 */
public class StandardStrategy implements Strategy {
  private static final Set<String> NOT_WANTED = Set.of("apiVersion", "kind", "metadata", "status");

  private final Schema schema;
  private final boolean hasStatus;
  private final boolean tracksGeneration;

  /**
   * Rules for one kind.
   *
   * @param schema the kind's shape
   * @param hasStatus whether the status is kept apart
   * @param tracksGeneration whether {@code metadata.generation} counts changes
   */
  public StandardStrategy(Schema schema, boolean hasStatus, boolean tracksGeneration) {
    this.schema = schema;
    this.hasStatus = hasStatus;
    this.tracksGeneration = tracksGeneration;
  }

  @Override
  public void prepareForCreate(ObjectNode object) {
    if (hasStatus) {
      object.remove("status");
      EmptyParts.add(object, "status", schema);
    }
    if (tracksGeneration) {
      Json.ensureObject(object, "metadata").put("generation", 1L);
    }
  }

  @Override
  public void prepareForUpdate(ObjectNode object, ObjectNode old) {
    if (hasStatus) {
      copy(old, object, "status");
    }
    if (tracksGeneration) {
      long generation = Json.number(old, 1, "metadata", "generation");
      Json.ensureObject(object, "metadata")
          .put("generation", sameWanted(object, old) ? generation : generation + 1);
    }
  }

  @Override
  public void prepareForStatusUpdate(ObjectNode object, ObjectNode old) {
    JsonNode status = object.get("status");
    ObjectNode metadata = Json.ensureObject(object, "metadata");
    ObjectNode kept = keepsMetadataOnStatusUpdate() ? metadata : oldMetadata(metadata, old);
    JsonNode apiVersion = object.get("apiVersion");
    JsonNode kind = object.get("kind");
    object.removeAll();
    setIfPresent(object, "apiVersion", apiVersion);
    setIfPresent(object, "kind", kind);
    object.set("metadata", kept);
    for (Map.Entry<String, JsonNode> field : old.properties()) {
      if (!NOT_WANTED.contains(field.getKey())) {
        object.set(field.getKey(), field.getValue());
      }
    }
    setIfPresent(object, "status", status);
  }

  /** The stored metadata, but for what the request path compares or tracks itself. */
  private static ObjectNode oldMetadata(ObjectNode metadata, ObjectNode old) {
    ObjectNode kept = Json.ensureObject(old, "metadata").deepCopy();
    for (String field : List.of("resourceVersion", "managedFields", "uid", "name", "namespace")) {
      JsonNode value = metadata.get(field);
      if (value != null) {
        kept.set(field, value);
      }
    }
    return kept;
  }

  /**
   * Whether labels and annotations may change together with the status. They may for most built-in
   * kinds; the others, definitions and custom resources take the status alone.
   */
  protected boolean keepsMetadataOnStatusUpdate() {
    return true;
  }

  /** Whether two objects want the same: everything but metadata and status is equal. */
  protected static boolean sameWanted(ObjectNode one, ObjectNode other) {
    Set<String> fields = new LinkedHashSet<>(one.propertyNames());
    fields.addAll(other.propertyNames());
    fields.removeAll(NOT_WANTED);
    for (String field : fields) {
      if (!Json.same(one.path(field), other.path(field))) {
        return false;
      }
    }
    return true;
  }

  /** Carries one field over, its absence included. */
  protected static void copy(ObjectNode from, ObjectNode to, String field) {
    JsonNode value = from.get(field);
    if (value == null) {
      to.remove(field);
    } else {
      to.set(field, value);
    }
  }

  private static void setIfPresent(ObjectNode object, String field, @Nullable JsonNode value) {
    if (value != null) {
      object.set(field, value);
    }
  }

  @Override
  public List<FieldError> validate(ObjectNode object) {
    List<FieldError> errors = new ArrayList<>();
    SchemaRules.check(schema, object, errors);
    validateInto(object, errors);
    validateBesideInto(object, null, errors);
    return distinct(errors);
  }

  /** Adds what is wrong with an object beyond its shape. */
  protected void validateInto(ObjectNode object, List<FieldError> errors) {}

  @Override
  public List<FieldError> validateUpdate(ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>();
    SchemaRules.check(schema, object, errors);
    validateInto(object, errors);
    validateBesideInto(object, old, errors);
    validateChangeInto(object, old, errors);
    return distinct(errors);
  }

  /**
   * Adds what is wrong with an object by rules that look at what it replaces: those that are only
   * for new objects, and those that leave alone what was wrong before.
   *
   * @param old what is there; null for a new object
   */
  protected void validateBesideInto(
      ObjectNode object, @Nullable ObjectNode old, List<FieldError> errors) {}

  /** Adds what is wrong with a change, beyond the object itself. */
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {}

  /** One error for each field and type: the first that says more than that. */
  private static List<FieldError> distinct(List<FieldError> errors) {
    Map<String, FieldError> kept = new LinkedHashMap<>();
    for (FieldError error : errors) {
      kept.merge(
          error.field() + " " + error.type(),
          error,
          (first, later) -> first.detail().isEmpty() ? later : first);
    }
    return new ArrayList<>(kept.values());
  }
}
