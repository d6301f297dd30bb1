package dev.coxswain.apiserver.admission.policy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Finds the objects that a binding gives to a policy as its parameters. */
record Parameters(ResourceRegistry registry, ClusterObjects objects) {

  /** The binding does not say where they are, or there are none although there must be. */
  static final class MisconfiguredException extends Exception {
    private static final long serialVersionUID = 1;

    MisconfiguredException(String message) {
      super(message);
    }
  }

  /**
   * The objects; one that is null where the policy is asked without parameters; none where it is
   * not asked.
   *
   * @param namespace the request's namespace; may be empty
   */
  List<@Nullable ObjectNode> of(JsonNode paramKind, JsonNode paramRef, String namespace)
      throws MisconfiguredException {
    List<@Nullable ObjectNode> found = new ArrayList<>();
    if (!paramKind.isObject() || !paramRef.isObject()) {
      found.add(null);
      return found;
    }
    ResourceType type = registry.find(kind(paramKind)).orElse(null);
    if (type == null) {
      throw new MisconfiguredException(
          "paramKind kind `"
              + Json.text(paramKind, "apiVersion")
              + ", Kind="
              + Json.text(paramKind, "kind")
              + "` not known");
    }
    String where = Json.text(paramRef, "namespace");
    if (type.namespaced()) {
      where = where.isEmpty() ? namespace : where;
      if (where.isEmpty()) {
        throw new MisconfiguredException(
            "cannot use namespaced paramRef in policy binding that matches cluster-scoped"
                + " resources");
      }
    } else if (!where.isEmpty()) {
      throw new MisconfiguredException(
          "paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
    }
    String name = Json.text(paramRef, "name");
    if (name.isEmpty()) {
      LabelSelector selector = LabelSelector.of(paramRef.path("selector"));
      for (ObjectNode candidate : objects.list(type.storedResource(), where)) {
        if (selector.matchesNode(labels(candidate))) {
          found.add(served(type, candidate));
        }
      }
    } else {
      objects
          .find(type.storedResource(), new ObjectKey(where, name))
          .ifPresent(object -> found.add(served(type, object)));
    }
    if (found.isEmpty() && Json.text(paramRef, "parameterNotFoundAction").equals("Deny")) {
      throw new MisconfiguredException(
          "no params found for policy binding with `Deny` parameterNotFoundAction");
    }
    return found;
  }

  /** The kind that a {@code paramKind} names. */
  static GroupVersionKind kind(JsonNode paramKind) {
    String[] version = Json.text(paramKind, "apiVersion").split("/", 2);
    return new GroupVersionKind(
        version.length == 2 ? version[0] : "",
        version[version.length - 1],
        Json.text(paramKind, "kind"));
  }

  private static JsonNode labels(ObjectNode object) {
    JsonNode labels = Json.at(object, "metadata", "labels");
    return labels.isObject() ? labels : Json.object();
  }

  private static ObjectNode served(ResourceType type, ObjectNode stored) {
    if (type.converts()) {
      type.conversion().fromStored(stored);
    }
    return stored;
  }
}
