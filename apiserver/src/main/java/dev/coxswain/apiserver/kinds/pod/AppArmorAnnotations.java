package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** AppArmor profiles as they were named before there was a field for them. */
final class AppArmorAnnotations {
  /** Stands before a container's name. */
  static final String PREFIX = "container.apparmor.security.beta.kubernetes.io/";

  private static final String LOCAL = "localhost/";
  private static final String FIELD = "appArmorProfile";
  private static final List<String> LISTS =
      List.of("initContainers", "containers", "ephemeralContainers");

  private AppArmorAnnotations() {}

  /**
   * Says in the field of each container what is only said in an annotation, since that is all that
   * kubelets look at.
   */
  static void apply(ObjectNode pod) {
    JsonNode annotations = Json.at(pod, "metadata", "annotations");
    JsonNode spec = pod.path("spec");
    if (annotations.isEmpty() || Json.text(spec, "os", "name").equals("windows")) {
      return;
    }
    JsonNode ofPod = Json.at(spec, "securityContext", FIELD);
    for (String list : LISTS) {
      for (JsonNode one : spec.path(list)) {
        ObjectNode profile = profile(Json.text(annotations, PREFIX + Json.text(one, "name")));
        if (profile != null
            && one instanceof ObjectNode container
            && !Json.at(container, "securityContext", FIELD).isObject()
            && !Json.same(profile, ofPod)) {
          Json.ensureObject(container, "securityContext").set(FIELD, profile);
        }
      }
    }
  }

  /** The profile that an annotation means; null where it means none. */
  private static @Nullable ObjectNode profile(String annotation) {
    if (annotation.equals("unconfined")) {
      return Json.object().put("type", "Unconfined");
    }
    if (annotation.equals("runtime/default")) {
      return Json.object().put("type", "RuntimeDefault");
    }
    String name = annotation.startsWith(LOCAL) ? annotation.substring(LOCAL.length()) : "";
    return name.isEmpty() || !name.strip().equals(name)
        ? null
        : Json.object().put("type", "Localhost").put("localhostProfile", name);
  }

  /** Adds what is wrong with one annotation. */
  static void check(
      Map.Entry<String, JsonNode> annotation, JsonNode spec, String path, List<FieldError> errors) {
    String at = path + "[" + annotation.getKey() + "]";
    String container = annotation.getKey().substring(PREFIX.length());
    String profile = annotation.getValue().asString("");
    if (!names(spec, container)) {
      errors.add(FieldError.invalid(at, container, "container not found"));
    }
    boolean known =
        profile.isEmpty()
            || profile.equals("runtime/default")
            || profile.equals("unconfined")
            || profile.startsWith(LOCAL);
    if (!known) {
      errors.add(
          FieldError.invalid(at, profile, "invalid AppArmor profile name: \"" + profile + "\""));
    }
  }

  private static boolean names(JsonNode spec, String name) {
    for (String list : LISTS) {
      for (JsonNode container : spec.path(list)) {
        if (Json.text(container, "name").equals(name)) {
          return true;
        }
      }
    }
    return false;
  }
}
