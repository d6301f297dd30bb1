package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What is wrong with containers. */
final class ContainerRules {
  private static final Set<String> PROTOCOLS = Set.of("TCP", "UDP", "SCTP");
  private static final Set<String> PULL_POLICIES = Set.of("Always", "IfNotPresent", "Never");
  private static final Pattern VARIABLE = Pattern.compile("[ -<>-~]+");
  private static final List<String> VALUE_SOURCES =
      List.of("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef");
  private static final List<String> PROBES =
      List.of("livenessProbe", "readinessProbe", "startupProbe");

  private final List<FieldError> errors;
  private final Set<String> volumes;
  private final boolean hostNetwork;

  ContainerRules(List<FieldError> errors, Set<String> volumes, boolean hostNetwork) {
    this.errors = errors;
    this.volumes = volumes;
    this.hostNetwork = hostNetwork;
  }

  /**
   * Checks a list of containers.
   *
   * @param names the names taken so far, to which these are added
   * @param initial whether they run before the others
   */
  void checkAll(JsonNode containers, String path, Set<String> names, boolean initial) {
    int index = 0;
    for (JsonNode container : containers) {
      String at = path + "[" + index++ + "]";
      String name = Json.text(container, "name");
      if (name.isEmpty()) {
        errors.add(FieldError.required(at + ".name", ""));
      } else {
        Checks.form(Names.label(name), at + ".name", name, errors);
        if (!names.add(name)) {
          errors.add(FieldError.duplicate(at + ".name", name));
        }
      }
      check(container, at, initial);
    }
  }

  private void check(JsonNode container, String path, boolean initial) {
    String image = Json.text(container, "image");
    if (image.isEmpty()) {
      errors.add(FieldError.required(path + ".image", ""));
    } else if (!image.strip().equals(image)) {
      errors.add(
          FieldError.invalid(
              path + ".image", image, "must not have leading or trailing whitespace"));
    }
    Checks.oneOf(container, "imagePullPolicy", PULL_POLICIES, path, errors);
    ports(container.path("ports"), path + ".ports");
    environment(container.path("env"), path + ".env");
    sources(container.path("envFrom"), path + ".envFrom");
    mounts(container.path("volumeMounts"), path + ".volumeMounts");
    ResourceRules.check(container.path("resources"), path + ".resources", errors);
    boolean sidecar = initial && Json.text(container, "restartPolicy").equals("Always");
    for (String probe : PROBES) {
      if (container.path(probe).isObject()) {
        if (initial && !sidecar) {
          errors.add(
              FieldError.forbidden(
                  path + "." + probe,
                  "may not be set for init containers without restartPolicy=Always"));
        }
        probe(container.path(probe), probe, path + "." + probe);
      }
    }
    for (String hook : List.of("postStart", "preStop")) {
      if (Json.at(container, "lifecycle", hook).isObject()) {
        handler(
            Json.at(container, "lifecycle", hook),
            path + ".lifecycle." + hook,
            List.of("exec", "httpGet", "tcpSocket", "sleep"));
      }
    }
    for (String field : List.of("runAsUser", "runAsGroup")) {
      Checks.range(
          container.path("securityContext"),
          field,
          0,
          Integer.MAX_VALUE,
          path + ".securityContext",
          errors);
    }
  }

  private void ports(JsonNode ports, String path) {
    Set<String> names = new HashSet<>();
    int index = 0;
    for (JsonNode port : ports) {
      String at = path + "[" + index++ + "]";
      String name = Json.text(port, "name");
      if (!name.isEmpty()) {
        Checks.portName(name, at + ".name", errors);
        if (!names.add(name)) {
          errors.add(FieldError.duplicate(at + ".name", name));
        }
      }
      if (port.path("containerPort").asLong(0) == 0) {
        errors.add(FieldError.required(at + ".containerPort", ""));
      } else {
        Checks.portNumber(port.path("containerPort"), at + ".containerPort", errors);
      }
      long hostPort = port.path("hostPort").asLong(0);
      if (hostPort != 0) {
        Checks.portNumber(port.path("hostPort"), at + ".hostPort", errors);
        if (hostNetwork && hostPort != port.path("containerPort").asLong(0)) {
          errors.add(
              FieldError.invalid(
                  at + ".hostPort",
                  port.path("hostPort"),
                  "must match `containerPort` when `hostNetwork` is true"));
        }
      }
      Checks.oneOf(port, "protocol", PROTOCOLS, at, errors);
    }
  }

  private void environment(JsonNode environment, String path) {
    int index = 0;
    for (JsonNode variable : environment) {
      String at = path + "[" + index++ + "]";
      String name = Json.text(variable, "name");
      if (name.isEmpty()) {
        errors.add(FieldError.required(at + ".name", ""));
      } else if (!VARIABLE.matcher(name).matches()) {
        errors.add(
            FieldError.invalid(
                at + ".name",
                name,
                "a valid environment variable name must consist only of printable ASCII characters"
                    + " other than '='"));
      }
      if (variable.path("valueFrom").isObject()) {
        valueFrom(variable, at + ".valueFrom");
      }
    }
  }

  private void valueFrom(JsonNode variable, String path) {
    JsonNode source = variable.path("valueFrom");
    long given = VALUE_SOURCES.stream().filter(source::has).count();
    if (!Json.text(variable, "value").isEmpty()) {
      errors.add(FieldError.invalid(path, "", "may not be specified when `value` is not empty"));
    }
    if (given == 0) {
      errors.add(
          FieldError.invalid(
              path,
              "",
              "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or"
                  + " `secretKeyRef`"));
    } else if (given > 1) {
      errors.add(
          FieldError.invalid(path, "", "may not have more than one field specified at a time"));
    }
    for (String kind : List.of("configMapKeyRef", "secretKeyRef")) {
      if (source.has(kind)) {
        Checks.required(source.path(kind), "name", path + "." + kind, errors);
        Checks.required(source.path(kind), "key", path + "." + kind, errors);
      }
    }
    if (source.has("fieldRef")) {
      Checks.required(source.path("fieldRef"), "fieldPath", path + ".fieldRef", errors);
    }
    if (source.has("resourceFieldRef")) {
      Checks.required(
          source.path("resourceFieldRef"), "resource", path + ".resourceFieldRef", errors);
    }
  }

  private void sources(JsonNode sources, String path) {
    int index = 0;
    for (JsonNode source : sources) {
      String at = path + "[" + index++ + "]";
      if (!source.has("configMapRef") && !source.has("secretRef")) {
        errors.add(
            FieldError.invalid(at, "", "must specify one of: `configMapRef` or `secretRef`"));
      }
      for (String kind : List.of("configMapRef", "secretRef")) {
        if (source.has(kind)) {
          Checks.required(source.path(kind), "name", at + "." + kind, errors);
        }
      }
    }
  }

  private void mounts(JsonNode mounts, String path) {
    Set<String> places = new HashSet<>();
    int index = 0;
    for (JsonNode mount : mounts) {
      String at = path + "[" + index++ + "]";
      String name = Json.text(mount, "name");
      if (name.isEmpty()) {
        errors.add(FieldError.required(at + ".name", ""));
      } else if (!volumes.contains(name)) {
        errors.add(FieldError.notFound(at + ".name", name));
      }
      String place = Json.text(mount, "mountPath");
      if (place.isEmpty()) {
        errors.add(FieldError.required(at + ".mountPath", ""));
      } else if (!places.add(place)) {
        errors.add(FieldError.invalid(at + ".mountPath", place, "must be unique"));
      }
      String below = Json.text(mount, "subPath");
      if (below.startsWith("/")) {
        errors.add(FieldError.invalid(at + ".subPath", below, "must be a relative path"));
      }
      if (List.of(below.split("/", -1)).contains("..")) {
        errors.add(FieldError.invalid(at + ".subPath", below, "must not contain '..'"));
      }
    }
  }

  private void probe(JsonNode probe, String kind, String path) {
    handler(probe, path, List.of("exec", "httpGet", "tcpSocket", "grpc"));
    for (String field :
        List.of(
            "initialDelaySeconds",
            "timeoutSeconds",
            "periodSeconds",
            "successThreshold",
            "failureThreshold")) {
      Checks.nonNegative(probe, field, path, errors);
    }
    if (!kind.equals("readinessProbe") && probe.path("successThreshold").asInt(1) != 1) {
      errors.add(
          FieldError.invalid(
              path + ".successThreshold", probe.path("successThreshold"), "must be 1"));
    }
  }

  private void handler(JsonNode handler, String path, List<String> kinds) {
    int count = 0;
    for (String kind : kinds) {
      if (handler.path(kind).isObject()) {
        count++;
        if (count > 1) {
          errors.add(
              FieldError.forbidden(path + "." + kind, "may not specify more than 1 handler type"));
        }
        action(kind, handler.path(kind), path + "." + kind);
      }
    }
    if (count == 0) {
      errors.add(FieldError.required(path, "must specify a handler type"));
    }
  }

  private void action(String kind, JsonNode action, String path) {
    switch (kind) {
      case "exec" -> {
        if (action.path("command").isEmpty()) {
          errors.add(FieldError.required(path + ".command", ""));
        }
      }
      case "httpGet" -> {
        Checks.required(action, "path", path, errors);
        Checks.port(action.path("port"), path + ".port", errors);
        Checks.oneOf(action, "scheme", Set.of("HTTP", "HTTPS"), path, errors);
      }
      case "tcpSocket", "grpc" -> Checks.port(action.path("port"), path + ".port", errors);
      default -> {
        // A pause has nothing to check but its shape.
      }
    }
  }
}
