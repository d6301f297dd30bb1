package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code pods/resize} (KEP-1287): requests and limits of cpu and memory may change, and be added,
 * but not taken away; whatever else the request would change stays as it was.
 */
public final class PodResize extends StandardStrategy {
  private static final Set<String> MUTABLE = Set.of("cpu", "memory");
  private static final List<String> LISTS = List.of("containers", "initContainers");
  private static final List<String> AMOUNTS = List.of("requests", "limits");

  /** Rules on this shape. */
  public PodResize(Schema schema) {
    super(schema, true, true);
  }

  @Override
  public void prepareForUpdate(ObjectNode object, ObjectNode old) {
    ObjectNode spec = Json.ensureObject(old, "spec").deepCopy();
    for (String list : LISTS) {
      JsonNode wanted = object.path("spec").path(list);
      if (!wanted.isEmpty()) {
        spec.set(list, merged(wanted, spec.path(list)));
      }
    }
    object.set("spec", spec);
    super.prepareForUpdate(object, old);
  }

  /**
   * The containers as they were, with the resources that are wanted, in the order that is wanted:
   * one that was not there stays for the validation to find.
   */
  private static ArrayNode merged(JsonNode wanted, JsonNode before) {
    ArrayNode merged = Json.array();
    for (JsonNode container : wanted) {
      JsonNode known = named(before, Json.text(container, "name"));
      if (known instanceof ObjectNode kept) {
        ObjectNode copy = kept.deepCopy();
        if (container.has("resources")) {
          copy.set("resources", container.path("resources").deepCopy());
        }
        merged.add(copy);
      } else {
        merged.add(container.deepCopy());
      }
    }
    return merged;
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    new PodSpecRules(errors).checkPod(object.path("metadata"), object.path("spec"), "spec");
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    if (Mirrors.isMirror(old)) {
      errors.add(FieldError.forbidden("metadata", "static pods cannot be resized"));
      return;
    }
    String before = QualityOfService.of(old.path("spec"));
    if (!QualityOfService.of(object.path("spec")).equals(before)) {
      errors.add(
          FieldError.invalid(
              "spec", before, "Pod QOS Class may not change as a result of resizing"));
    }
    int found = errors.size();
    for (String list : LISTS) {
      sameContainers(
          object.path("spec").path(list), old.path("spec").path(list), "spec." + list, errors);
    }
    if (errors.size() == found) {
      for (String list : LISTS) {
        resources(
            object.path("spec").path(list), old.path("spec").path(list), "spec." + list, errors);
      }
    }
  }

  private static void sameContainers(
      JsonNode now, JsonNode before, String path, List<FieldError> errors) {
    if (now.size() != before.size()) {
      errors.add(FieldError.forbidden(path, "containers may not be added or removed on resize"));
      return;
    }
    for (int i = 0; i < now.size(); i++) {
      if (!Json.text(now.get(i), "name").equals(Json.text(before.get(i), "name"))) {
        errors.add(
            FieldError.forbidden(
                path + "[" + i + "].name", "containers may not be renamed or reordered on resize"));
      }
    }
  }

  private static void resources(
      JsonNode now, JsonNode before, String path, List<FieldError> errors) {
    boolean init = path.endsWith("initContainers");
    for (int i = 0; i < now.size(); i++) {
      String at = path + "[" + i + "].resources";
      JsonNode wanted = now.get(i).path("resources");
      JsonNode had = before.get(i).path("resources");
      boolean stays = !init || Json.text(before.get(i), "restartPolicy").equals("Always");
      if (!stays && !AMOUNTS.stream().allMatch(kind -> same(wanted.path(kind), had.path(kind)))) {
        errors.add(
            FieldError.forbidden(at, "resources for non-sidecar init containers are immutable"));
        continue;
      }
      for (String kind : AMOUNTS) {
        amounts(wanted.path(kind), had.path(kind), at + "." + kind, kind, errors);
      }
    }
  }

  private static void amounts(
      JsonNode now, JsonNode before, String path, String kind, List<FieldError> errors) {
    boolean removed =
        MUTABLE.stream().anyMatch(resource -> before.has(resource) && !now.has(resource));
    if (removed) {
      errors.add(FieldError.forbidden(path, "resource " + kind + " cannot be removed"));
    } else if (!same(rest(now), rest(before))) {
      errors.add(FieldError.forbidden(path, "only cpu and memory resources are mutable"));
    }
  }

  private static boolean same(JsonNode one, JsonNode other) {
    return (one.isEmpty() && other.isEmpty()) || Json.same(one, other);
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
