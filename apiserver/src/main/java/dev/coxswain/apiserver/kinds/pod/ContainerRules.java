package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What is wrong with containers. */
final class ContainerRules {
  private static final Set<String> PULL_POLICIES = Set.of("Always", "IfNotPresent", "Never");

  private static final Set<String> RESTART_POLICIES = Set.of("Always", "Never", "OnFailure");

  /** The resources of a container that may change while it runs. */
  private static final Set<String> RESIZED = Set.of("cpu", "memory");

  private static final Set<String> RESIZE_POLICIES = Set.of("NotRequired", "RestartContainer");

  /** What a container that only looks at the others has no use for. */
  private static final List<String> NOT_EPHEMERAL =
      List.of(
          "ports",
          "livenessProbe",
          "readinessProbe",
          "startupProbe",
          "lifecycle",
          "resources",
          "resizePolicy",
          "restartPolicy");

  /** Why a container is there. */
  enum Role {
    /** It runs before the others, or, where it restarts always, beside them. */
    INITIAL,
    /** It is what the pod is for. */
    MAIN,
    /** It was put into a pod that runs. */
    EPHEMERAL
  }

  private final List<FieldError> errors;
  private final boolean hostNetwork;
  private final boolean hostUsers;
  private final boolean neverRestarts;
  private final EnvironmentRules environment;
  private final MountRules mounts;
  private final ProbeRules probes;
  private final SecurityRules security;
  private final DeviceRules devices;

  ContainerRules(List<FieldError> errors, JsonNode spec, VolumeRules.Declared volumes) {
    this.errors = errors;
    this.hostNetwork = Json.flag(spec, "hostNetwork");
    this.hostUsers = spec.path("hostUsers").asBoolean(true);
    this.neverRestarts = Json.text(spec, "restartPolicy").equals("Never");
    this.environment = new EnvironmentRules(errors);
    this.mounts = new MountRules(errors, volumes.names(), volumes.claims());
    this.probes = new ProbeRules(errors, spec.path("terminationGracePeriodSeconds"));
    this.security = new SecurityRules(errors);
    this.devices = new DeviceRules(errors, spec);
  }

  /**
   * Checks a list of containers.
   *
   * @param names the names taken so far, to which these are added
   * @param role why they are there
   */
  void checkAll(JsonNode containers, String path, Set<String> names, Role role) {
    Set<String> others = Set.copyOf(names);
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
      common(container, role, at);
      switch (role) {
        case INITIAL -> initial(container, at);
        case MAIN -> {
          probes.check(container, false, at);
          restartPolicy(container, at);
        }
        case EPHEMERAL -> ephemeral(container, others, at);
      }
    }
  }

  private void common(JsonNode container, Role role, String path) {
    if (Json.text(container, "image").isEmpty()) {
      errors.add(FieldError.required(path + ".image", ""));
    }
    Checks.oneOf(container, "imagePullPolicy", PULL_POLICIES, path, errors);
    ports(container.path("ports"), role, path + ".ports");
    environment.variables(container.path("env"), path + ".env");
    environment.sources(container.path("envFrom"), path + ".envFrom");
    mounts.check(container, path);
    ResourceRules.check(container.path("resources"), path + ".resources", errors);
    resizing(container.path("resizePolicy"), path + ".resizePolicy");
    devices.container(Json.at(container, "resources", "claims"), path + ".resources.claims");
    security.container(container, hostUsers, path + ".securityContext");
  }

  /**
   * What is wrong with the images of a pod that need not be wrong in a template: there a blank may
   * stand for an image that is yet to be filled in.
   */
  static void images(JsonNode spec, String path, List<FieldError> errors) {
    for (String list : List.of("containers", "initContainers", "ephemeralContainers")) {
      int index = 0;
      for (JsonNode container : spec.path(list)) {
        String at = path + "." + list + "[" + index++ + "].image";
        String image = Json.text(container, "image");
        if (!image.strip().equals(image)) {
          errors.add(FieldError.invalid(at, image, "must not have leading or trailing whitespace"));
        }
      }
    }
  }

  /** What a change of its resources means for the container; upstream names no index. */
  private void resizing(JsonNode policies, String path) {
    Set<String> seen = new HashSet<>();
    int index = 0;
    for (JsonNode policy : policies) {
      String at = path + "[" + index++ + "]";
      String resource = Json.text(policy, "resourceName");
      if (!seen.add(resource)) {
        errors.add(FieldError.duplicate(at, resource));
      }
      if (!resource.isEmpty() && !RESIZED.contains(resource)) {
        errors.add(FieldError.notSupported(path, resource, RESIZED));
      }
      String restart = Json.text(policy, "restartPolicy");
      if (!restart.isEmpty() && !RESIZE_POLICIES.contains(restart)) {
        errors.add(FieldError.notSupported(path, restart, RESIZE_POLICIES));
      } else if (neverRestarts && restart.equals("RestartContainer")) {
        errors.add(
            FieldError.invalid(
                path, restart, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
      }
    }
  }

  private void initial(JsonNode container, String path) {
    restartPolicy(container, path);
    String policy = Json.text(container, "restartPolicy");
    probes.check(container, !policy.equals("Always"), path);
  }

  /** A container may have a policy of its own (KEP-5307). */
  private void restartPolicy(JsonNode container, String path) {
    String policy = Json.text(container, "restartPolicy");
    if (!policy.isEmpty() && !RESTART_POLICIES.contains(policy)) {
      errors.add(FieldError.notSupported(path + ".restartPolicy", policy, RESTART_POLICIES));
    }
  }

  private void ephemeral(JsonNode container, Set<String> others, String path) {
    String target = Json.text(container, "targetContainerName");
    if (!target.isEmpty() && !others.contains(target)) {
      errors.add(FieldError.notFound(path + ".targetContainerName", target));
    }
    for (String field : NOT_EPHEMERAL) {
      forbidden(container, field, path);
    }
    int index = 0;
    for (JsonNode mount : container.path("volumeMounts")) {
      String at = path + ".volumeMounts[" + index++ + "]";
      forbidden(mount, "subPath", at);
      forbidden(mount, "subPathExpr", at);
    }
  }

  private void forbidden(JsonNode node, String field, String path) {
    JsonNode value = node.path(field);
    if (value.isString() ? !value.asString().isEmpty() : !value.isEmpty()) {
      errors.add(
          FieldError.forbidden(path + "." + field, "cannot be set for an Ephemeral Container"));
    }
  }

  private void ports(JsonNode ports, Role role, String path) {
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
        if (hostNetwork && role == Role.MAIN && hostPort != port.path("containerPort").asLong(0)) {
          errors.add(
              FieldError.invalid(
                  at + ".hostPort",
                  port.path("hostPort"),
                  "must match `containerPort` when `hostNetwork` is true"));
        }
      }
      Checks.oneOf(port, "protocol", Checks.PROTOCOLS, at, errors);
    }
  }
}
