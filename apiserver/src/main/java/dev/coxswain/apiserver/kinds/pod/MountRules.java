package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What is wrong with the places where a container sees its volumes: directories and devices. */
final class MountRules {
  private final List<FieldError> errors;
  private final Set<String> volumes;
  private final Set<String> claims;

  /**
   * Adds what it finds to a list.
   *
   * @param volumes the names of the pod's volumes
   * @param claims the names of those that are claims, which alone may be devices
   */
  MountRules(List<FieldError> errors, Set<String> volumes, Set<String> claims) {
    this.errors = errors;
    this.volumes = volumes;
    this.claims = claims;
  }

  void check(JsonNode container, String path) {
    mounts(container, path + ".volumeMounts");
    devices(container, path + ".volumeDevices");
  }

  private static Set<String> texts(JsonNode list, String field) {
    Set<String> texts = new HashSet<>();
    for (JsonNode element : list) {
      texts.add(Json.text(element, field));
    }
    return texts;
  }

  private void mounts(JsonNode container, String path) {
    JsonNode devices = container.path("volumeDevices");
    Set<String> deviceNames = texts(devices, "name");
    Set<String> devicePaths = texts(devices, "devicePath");
    boolean privileged = Json.flag(container, "securityContext", "privileged");
    Set<String> places = new HashSet<>();
    int index = 0;
    for (JsonNode mount : container.path("volumeMounts")) {
      String at = path + "[" + index++ + "]";
      String name = Json.text(mount, "name");
      volume(name, at);
      String place = Json.text(mount, "mountPath");
      if (place.isEmpty()) {
        errors.add(FieldError.required(at + ".mountPath", ""));
      } else if (!places.add(place)) {
        errors.add(FieldError.invalid(at + ".mountPath", place, "must be unique"));
      }
      if (deviceNames.contains(name)) {
        errors.add(
            FieldError.invalid(at + ".name", name, "must not already exist in volumeDevices"));
      }
      if (devicePaths.contains(place)) {
        errors.add(
            FieldError.invalid(
                at + ".mountPath", place, "must not already exist as a path in volumeDevices"));
      }
      below(mount, at, path);
      propagation(mount, privileged, path);
    }
  }

  private void volume(String name, String at) {
    if (name.isEmpty()) {
      errors.add(FieldError.required(at + ".name", ""));
    } else if (!volumes.contains(name)) {
      errors.add(FieldError.notFound(at + ".name", name));
    }
  }

  /** Upstream names no index for most of what is wrong with a mount; the errors stand so here. */
  private void below(JsonNode mount, String at, String path) {
    String below = Json.text(mount, "subPath");
    String expression = Json.text(mount, "subPathExpr");
    Paths.descending(below, path + ".subPath", errors);
    if (!expression.isEmpty() && !below.isEmpty()) {
      errors.add(
          FieldError.invalid(
              at + ".subPathExpr", expression, "subPathExpr and subPath are mutually exclusive"));
    }
    Paths.descending(expression, path + ".subPathExpr", errors);
  }

  private void propagation(JsonNode mount, boolean privileged, String path) {
    String propagation = Json.text(mount, "mountPropagation");
    if (propagation.equals("Bidirectional") && !privileged) {
      errors.add(
          FieldError.forbidden(
              path + ".mountPropagation",
              "Bidirectional mount propagation is available only to privileged containers"));
    }
    String recursive = Json.text(mount, "recursiveReadOnly");
    switch (recursive) {
      case "", "Disabled" -> {
        // Nothing is asked for.
      }
      case "Enabled", "IfPossible" -> {
        if (!Json.flag(mount, "readOnly")) {
          errors.add(
              FieldError.forbidden(
                  path + ".recursiveReadOnly", "may only be specified when readOnly is true"));
        }
        if (!propagation.isEmpty() && !propagation.equals("None")) {
          errors.add(
              FieldError.forbidden(
                  path + ".recursiveReadOnly",
                  "may only be specified when mountPropagation is None or not specified"));
        }
      }
      default ->
          errors.add(
              FieldError.notSupported(
                  path + ".recursiveReadOnly",
                  recursive,
                  List.of("Disabled", "Enabled", "IfPossible")));
    }
  }

  private void devices(JsonNode container, String path) {
    JsonNode mounts = container.path("volumeMounts");
    Set<String> mountNames = texts(mounts, "name");
    Set<String> mountPaths = texts(mounts, "mountPath");
    Set<String> names = new HashSet<>();
    Set<String> places = new HashSet<>();
    int index = 0;
    for (JsonNode device : container.path("volumeDevices")) {
      String at = path + "[" + index++ + "]";
      String name = Json.text(device, "name");
      volume(name, at);
      if (!name.isEmpty() && !names.add(name)) {
        errors.add(FieldError.invalid(at + ".name", name, "must be unique"));
      }
      if (volumes.contains(name) && !claims.contains(name)) {
        errors.add(
            FieldError.invalid(
                at + ".name",
                name,
                "can only use volume source type of PersistentVolumeClaim for block mode"));
      }
      String place = Json.text(device, "devicePath");
      if (place.isEmpty()) {
        errors.add(FieldError.required(at + ".devicePath", ""));
      } else if (Paths.hasBackSteps(place)) {
        errors.add(
            FieldError.invalid(at + ".devicePath", place, "can not contain backsteps ('..')"));
      } else if (!places.add(place)) {
        errors.add(FieldError.invalid(at + ".devicePath", place, "must be unique"));
      }
      if (mountNames.contains(name)) {
        errors.add(
            FieldError.invalid(at + ".name", name, "must not already exist in volumeMounts"));
      }
      if (mountPaths.contains(place)) {
        errors.add(
            FieldError.invalid(
                at + ".devicePath", place, "must not already exist as a path in volumeMounts"));
      }
    }
  }
}
