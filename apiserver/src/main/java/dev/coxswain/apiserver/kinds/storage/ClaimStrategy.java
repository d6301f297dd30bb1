package dev.coxswain.apiserver.kinds.storage;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.ClaimSpecRules;
import dev.coxswain.apiserver.kinds.pod.PodWarnings;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of claims: once made, one may be bound, and then grow, and change its attributes. */
public final class ClaimStrategy extends BindableStrategy {
  private static final String SIZE = "spec.resources.requests.storage";
  private static final String CLASS = "storageClassName";
  private static final String ATTRIBUTES = "volumeAttributesClassName";

  /** Rules on this shape. */
  public ClaimStrategy(Schema schema) {
    super(schema);
  }

  @Override
  public void prepareForCreate(ObjectNode object) {
    super.prepareForCreate(object);
    DataSources.prepare(Json.ensureObject(object, SPEC));
  }

  @Override
  public void prepareForUpdate(ObjectNode object, ObjectNode old) {
    super.prepareForUpdate(object, old);
    DataSources.prepare(Json.ensureObject(object, SPEC), old.path(SPEC));
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode spec = object.path(SPEC);
    ClaimSpecRules.check(spec, SPEC, errors);
    DataSources.validateInto(spec, errors);
  }

  @Override
  public List<String> warnings(ObjectNode object, @Nullable ObjectNode old) {
    List<String> warnings = new ArrayList<>();
    if (old != null && sameWanted(object, old)) {
      // Whoever reports a status is not the one to warn.
      return warnings;
    }
    StorageWarnings.annotations(object, warnings);
    PodWarnings.claim(object.path(SPEC), SPEC, warnings);
    return warnings;
  }

  private static JsonNode size(ObjectNode object) {
    return Json.at(object, SPEC, "resources", "requests", "storage");
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    ObjectNode before = ((ObjectNode) old.path(SPEC)).deepCopy();
    DataSources.align(before);
    if (!Json.same(settled(object, old), before)) {
      errors.add(
          FieldError.forbidden(
              SPEC,
              "spec is immutable after creation except resources.requests and"
                  + " volumeAttributesClassName for bound claims"));
    }
    if (smaller(object, old)) {
      errors.add(FieldError.forbidden(SIZE, "field can not be less than status.capacity"));
    }
    if (!Json.text(old, SPEC, ATTRIBUTES).isEmpty()
        && Json.text(object, SPEC, ATTRIBUTES).isEmpty()) {
      errors.add(
          FieldError.forbidden(
              "spec." + ATTRIBUTES, "update from non-nil value to nil is forbidden"));
    }
    super.validateChangeInto(object, old, errors);
  }

  /** The new spec, with what may change as it was before. */
  private static ObjectNode settled(ObjectNode object, ObjectNode old) {
    ObjectNode spec = ((ObjectNode) object.path(SPEC)).deepCopy();
    ObjectNode before = (ObjectNode) old.path(SPEC);
    if (Json.text(old, SPEC, "volumeName").isEmpty()) {
      copy(before, spec, "volumeName");
    }
    // The default class is given to a claim that was made before there was one.
    if (!Json.at(old, SPEC, CLASS).isString()) {
      copy(before, spec, CLASS);
    }
    if (Json.text(old, "status", "phase").equals("Bound")) {
      copy(before, spec, ATTRIBUTES);
      if (size(object).isString() && size(old).isString()) {
        ((ObjectNode) Json.at(spec, "resources", "requests")).set("storage", size(old));
      }
    }
    return spec;
  }

  /** Less than before, and not more than there is: a growth that failed may be taken back. */
  private static boolean smaller(ObjectNode object, ObjectNode old) {
    JsonNode wanted = size(object);
    JsonNode before = size(old);
    if (!wanted.isString() || !before.isString()) {
      return false;
    }
    Quantity size = Quantity.parse(wanted.asString());
    JsonNode has = Json.at(old, "status", "capacity", "storage");
    return size.compareTo(Quantity.parse(before.asString())) < 0
        && (!has.isString() || size.compareTo(Quantity.parse(has.asString())) <= 0);
  }
}
