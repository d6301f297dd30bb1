package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.InvalidObject;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.request.Failures;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** An object seen as an {@code autoscaling/v1 Scale}. */
public final class ScaleView {
  private ScaleView() {}

  /** The scale of an object. */
  public static ObjectNode of(Subresource.Scale paths, ObjectNode object) {
    ObjectNode scale = Json.object();
    scale.put("kind", "Scale");
    scale.put("apiVersion", "autoscaling/v1");
    ObjectNode metadata = scale.putObject("metadata");
    for (String field :
        new String[] {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
      JsonNode value = Json.at(object, "metadata", field);
      if (!value.isMissingNode()) {
        metadata.set(field, value);
      }
    }
    scale.putObject("spec").put("replicas", Json.number(object, 0, steps(paths.specReplicas())));
    ObjectNode status = scale.putObject("status");
    status.put("replicas", Json.number(object, 0, steps(paths.statusReplicas())));
    String selector = selector(paths, object);
    if (!selector.isEmpty()) {
      status.put("selector", selector);
    }
    return scale;
  }

  private static String selector(Subresource.Scale paths, ObjectNode object) {
    if (paths.selector().isEmpty()) {
      return "";
    }
    JsonNode selector = Json.at(object, steps(paths.selector()));
    if (selector.isString()) {
      return selector.asString();
    }
    if (!selector.isObject()) {
      return "";
    }
    if (selector.has("matchLabels") || selector.has("matchExpressions")) {
      return LabelSelector.of(selector).toString();
    }
    // A ReplicationController's selector is a plain map of labels.
    Map<String, String> labels = new TreeMap<>();
    selector
        .properties()
        .forEach(label -> labels.put(label.getKey(), label.getValue().asString("")));
    return LabelSelector.ofLabels(labels).toString();
  }

  /** Carries a scale's wanted count over to its object. */
  public static void apply(Subresource.Scale paths, ObjectNode scale, ObjectNode object) {
    JsonNode replicas = Json.at(scale, "spec", "replicas");
    if (!replicas.isMissingNode() && !replicas.isIntegralNumber()) {
      throw Failures.badRequest("spec.replicas: expected a whole number");
    }
    long wanted = Json.number(scale, 0, "spec", "replicas");
    if (wanted > Integer.MAX_VALUE) {
      throw Failures.badRequest("spec.replicas: must be at most " + Integer.MAX_VALUE);
    }
    if (wanted < 0) {
      InvalidObject.throwIfAny(
          new GroupVersionKind("autoscaling", "v1", "Scale"),
          Json.text(object, "metadata", "name"),
          List.of(
              FieldError.invalid("spec.replicas", wanted, "must be greater than or equal to 0")));
    }
    String[] steps = steps(paths.specReplicas());
    ObjectNode parent = object;
    for (int i = 0; i < steps.length - 1; i++) {
      parent = Json.ensureObject(parent, steps[i]);
    }
    parent.put(steps[steps.length - 1], (int) wanted);
    String version = Json.text(scale, "metadata", "resourceVersion");
    if (!version.isEmpty()) {
      Metadata.of(object).put("resourceVersion", version);
    }
  }

  private static String[] steps(String path) {
    return (path.startsWith(".") ? path.substring(1) : path).split("\\.", -1);
  }
}
