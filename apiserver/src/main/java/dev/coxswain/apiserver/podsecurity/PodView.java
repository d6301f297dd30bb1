package dev.coxswain.apiserver.podsecurity;

import dev.coxswain.api.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * A pod, or a template of pods, as the rules see it.
 *
 * @param metadata its metadata
 * @param spec its spec
 */
record PodView(JsonNode metadata, JsonNode spec) {

  /** All containers, those that start first and those that come later included. */
  List<JsonNode> containers() {
    List<JsonNode> containers = new ArrayList<>();
    for (String field : List.of("initContainers", "containers", "ephemeralContainers")) {
      spec.path(field).forEach(containers::add);
    }
    return containers;
  }

  /** The names of the containers of which something holds. */
  List<String> containers(Predicate<JsonNode> condition) {
    return containers().stream()
        .filter(condition)
        .map(container -> Json.text(container, "name"))
        .toList();
  }

  /** What the pod as a whole says of security. */
  JsonNode security() {
    return spec.path("securityContext");
  }

  /** What a container says of security. */
  static JsonNode security(JsonNode container) {
    return container.path("securityContext");
  }

  /** Whether it is for Windows, where some rules have no meaning. */
  boolean windows() {
    return Json.text(spec, "os", "name").equals("windows");
  }

  /** {@code container "a"}, {@code containers "a", "b"}. */
  static String named(String what, List<String> names) {
    return (names.size() == 1 ? what : what + "s") + " " + quoted(names);
  }

  /**
   * Who does something, as {@code pod and containers "a", "b"}; nothing when nobody does.
   *
   * @param whole whether the pod as a whole does
   * @param containers the names of those that do
   */
  static Optional<String> setters(boolean whole, List<String> containers) {
    if (containers.isEmpty()) {
      return whole ? Optional.of("pod") : Optional.empty();
    }
    return Optional.of((whole ? "pod and " : "") + named("container", containers));
  }

  /** {@code "a", "b"}. */
  static String quoted(List<String> names) {
    return names.stream().map(name -> "\"" + name + "\"").collect(Collectors.joining(", "));
  }
}
