package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What is wrong with a pod for the operating system that it says it is for. */
final class OperatingSystemRules {
  private static final Set<String> SYSTEMS = Set.of("linux", "windows");
  private static final List<String> LISTS =
      List.of("initContainers", "containers", "ephemeralContainers");
  private static final String WINDOWS_OPTIONS = "windowsOptions";
  private static final String HOST_PROCESS = "hostProcess";

  /** What Windows knows of how to end a process. */
  private static final Set<String> WINDOWS_SIGNALS = Set.of("SIGKILL", "SIGTERM");

  /** Fields of a pod that Windows has not. */
  private static final List<String> LINUX_PODS =
      List.of("hostUsers", "hostPID", "hostIPC", "shareProcessNamespace");

  /** Fields of a pod's security context that Windows has not. */
  private static final List<String> LINUX_CONTEXTS =
      List.of(
          "appArmorProfile",
          "seLinuxOptions",
          "seccompProfile",
          "fsGroup",
          "fsGroupChangePolicy",
          "sysctls",
          "runAsUser",
          "runAsGroup",
          "supplementalGroups",
          "supplementalGroupsPolicy",
          "seLinuxChangePolicy");

  /** Fields of a container's security context that Windows has not. */
  private static final List<String> LINUX_CONTAINERS =
      List.of(
          "appArmorProfile",
          "seLinuxOptions",
          "seccompProfile",
          "capabilities",
          "readOnlyRootFilesystem",
          "privileged",
          "allowPrivilegeEscalation",
          "procMount",
          "runAsUser",
          "runAsGroup");

  private final List<FieldError> errors;

  OperatingSystemRules(List<FieldError> errors) {
    this.errors = errors;
  }

  void check(JsonNode spec, String path) {
    hostProcesses(spec, path);
    String name = Json.text(spec, "os", "name");
    signals(spec, name, path);
    if (!spec.path("os").isObject()) {
      return;
    }
    if (name.isEmpty()) {
      errors.add(FieldError.required(path + ".os.name", "cannot be empty"));
    } else if (!SYSTEMS.contains(name)) {
      errors.add(FieldError.notSupported(path + ".os", name, SYSTEMS));
    } else if (name.equals("linux")) {
      linux(spec, path);
    } else {
      windows(spec, path);
    }
  }

  /** Something that is looked at for each container of a pod. */
  @FunctionalInterface
  private interface Look {
    void at(JsonNode container, String path);
  }

  private static void each(JsonNode spec, String path, Look look) {
    for (String list : LISTS) {
      int index = 0;
      for (JsonNode container : spec.path(list)) {
        look.at(container, path + "." + list + "[" + index++ + "]");
      }
    }
  }

  private void linux(JsonNode spec, String path) {
    noWindowsOptions(spec, path);
    each(spec, path, this::noWindowsOptions);
  }

  private void noWindowsOptions(JsonNode holder, String path) {
    if (Json.at(holder, "securityContext", WINDOWS_OPTIONS).isObject()) {
      errors.add(
          FieldError.forbidden(
              path + ".securityContext." + WINDOWS_OPTIONS,
              "windows options cannot be set for a linux pod"));
    }
  }

  private void windows(JsonNode spec, String path) {
    without(spec, LINUX_PODS, path);
    without(spec.path("securityContext"), LINUX_CONTEXTS, path + ".securityContext");
    each(
        spec,
        path,
        (container, at) ->
            without(container.path("securityContext"), LINUX_CONTAINERS, at + ".securityContext"));
  }

  private void without(JsonNode holder, List<String> fields, String path) {
    for (String field : fields) {
      JsonNode value = holder.path(field);
      // These flags say the same by being false as by being absent.
      boolean unsaid =
          (field.equals("hostPID") || field.equals("hostIPC")) && !value.asBoolean(false);
      boolean empty = value.isArray() && value.isEmpty() && field.equals("sysctls");
      if (holder.hasNonNull(field) && !unsaid && !empty) {
        errors.add(FieldError.forbidden(path + "." + field, "cannot be set for a windows pod"));
      }
    }
  }

  /** A signal means something only to a system that is known. */
  private void signals(JsonNode spec, String system, String path) {
    each(
        spec,
        path,
        (container, at) -> {
          String signal = Json.text(container, "lifecycle", "stopSignal");
          String field = at + ".lifecycle.stopSignal";
          if (signal.isEmpty()) {
            return;
          }
          if (system.isEmpty()) {
            errors.add(
                FieldError.forbidden(
                    field, "may not be set for containers with empty `spec.os.name`"));
          } else if (system.equals("windows") && !WINDOWS_SIGNALS.contains(signal)) {
            errors.add(FieldError.notSupported(field, signal, WINDOWS_SIGNALS));
          }
        });
  }

  /** On Windows, either all containers are processes of their host or none is. */
  private void hostProcesses(JsonNode spec, String path) {
    JsonNode ofPod = Json.at(spec, "securityContext", WINDOWS_OPTIONS, HOST_PROCESS);
    int[] counts = new int[2];
    each(
        spec,
        path,
        (container, at) -> {
          JsonNode own = Json.at(container, "securityContext", WINDOWS_OPTIONS, HOST_PROCESS);
          if (ofPod.isBoolean() && own.isBoolean() && !own.equals(ofPod)) {
            errors.add(
                FieldError.invalid(
                    at + ".securityContext." + WINDOWS_OPTIONS + "." + HOST_PROCESS,
                    own,
                    "pod hostProcess value must be identical if both are specified, was " + ofPod));
          }
          counts[0]++;
          counts[1] += (own.isBoolean() ? own : ofPod).asBoolean(false) ? 1 : 0;
        });
    if (counts[1] == 0) {
      return;
    }
    if (counts[1] != counts[0]) {
      errors.add(
          FieldError.invalid(
              path,
              "",
              "If pod contains any hostProcess containers then all containers must be HostProcess"
                  + " containers"));
    }
    if (!Json.flag(spec, "hostNetwork")) {
      errors.add(
          FieldError.invalid(
              path + ".hostNetwork",
              false,
              "hostNetwork must be true if pod contains any hostProcess containers"));
    }
  }
}
