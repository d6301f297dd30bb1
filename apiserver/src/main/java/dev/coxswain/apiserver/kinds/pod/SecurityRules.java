package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What is wrong with the security contexts of a pod and its containers. */
final class SecurityRules {
  private static final int LONGEST_SYSCTL = 253;
  private static final int LONGEST_PROFILE = 4095;

  /** Names with dots or slashes between them, as in {@code net.ipv4.ip_forward}. */
  private static final Pattern SYSCTL =
      Pattern.compile("([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?");

  /** How the names of those begin that are about how processes talk to each other. */
  private static final List<String> BETWEEN_PROCESSES =
      List.of("kernel.sem", "kernel.shm", "kernel.msg", "fs.mqueue.");

  private final List<FieldError> errors;

  SecurityRules(List<FieldError> errors) {
    this.errors = errors;
  }

  /** The context of a whole pod. */
  void pod(JsonNode spec, String path) {
    JsonNode context = spec.path("securityContext");
    identities(context, List.of("runAsUser", "runAsGroup", "fsGroup"), path);
    int index = 0;
    for (JsonNode group : context.path("supplementalGroups")) {
      String at = path + ".supplementalGroups[" + index++ + "]";
      if (group.asLong(0) < 0 || group.asLong(0) > Integer.MAX_VALUE) {
        errors.add(
            FieldError.invalid(
                at, group, "must be between 0 and " + Integer.MAX_VALUE + ", inclusive"));
      }
    }
    if (Json.flag(spec, "shareProcessNamespace") && Json.flag(spec, "hostPID")) {
      errors.add(
          FieldError.invalid(
              path + ".shareProcessNamespace",
              true,
              "ShareProcessNamespace and HostPID cannot both be enabled"));
    }
    if (spec.path("hostUsers").isBoolean() && !Json.flag(spec, "hostUsers")) {
      for (String field : List.of("hostNetwork", "hostPID", "hostIPC")) {
        if (Json.flag(spec, field)) {
          String at = path.substring(0, path.lastIndexOf('.') + 1) + field;
          errors.add(FieldError.forbidden(at, "when `hostUsers` is false"));
        }
      }
    }
    sysctls(spec, context.path("sysctls"), path + ".sysctls");
    profiles(context, path);
  }

  /** The context of a container. */
  void container(JsonNode container, boolean hostUsers, String path) {
    JsonNode context = container.path("securityContext");
    identities(context, List.of("runAsUser", "runAsGroup"), path);
    if (hostUsers && Json.text(context, "procMount").equals("Unmasked")) {
      errors.add(
          FieldError.invalid(
              path + ".procMount", "Unmasked", "`hostUsers` must be false to use `Unmasked`"));
    }
    profiles(context, path);
    JsonNode escalation = context.path("allowPrivilegeEscalation");
    if (!escalation.isBoolean() || escalation.asBoolean()) {
      return;
    }
    if (Json.flag(context, "privileged")) {
      errors.add(
          FieldError.invalid(
              path,
              context,
              "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"));
    }
    for (JsonNode capability : Json.at(context, "capabilities", "add")) {
      if (capability.asString("").equals("CAP_SYS_ADMIN")) {
        errors.add(
            FieldError.invalid(
                path,
                context,
                "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add`"
                    + " CAP_SYS_ADMIN"));
      }
    }
  }

  private void identities(JsonNode context, List<String> fields, String path) {
    for (String field : fields) {
      Checks.range(context, field, 0, Integer.MAX_VALUE, path, errors);
    }
  }

  private void profiles(JsonNode context, String path) {
    seccomp(context.path("seccompProfile"), path + ".seccompProfile");
    appArmor(context.path("appArmorProfile"), path + ".appArmorProfile");
  }

  private void seccomp(JsonNode profile, String path) {
    String at = path + ".localhostProfile";
    boolean given = profile.hasNonNull("localhostProfile");
    if (Json.text(profile, "type").equals("Localhost")) {
      if (!given) {
        errors.add(FieldError.required(at, "must be set when seccomp type is Localhost"));
      } else {
        Paths.descending(Json.text(profile, "localhostProfile"), at, errors);
      }
    } else if (given) {
      errors.add(FieldError.invalid(at, profile, "can only be set when seccomp type is Localhost"));
    }
  }

  private void appArmor(JsonNode profile, String path) {
    String at = path + ".localhostProfile";
    String name = Json.text(profile, "localhostProfile");
    if (!Json.text(profile, "type").equals("Localhost")) {
      if (profile.hasNonNull("localhostProfile")) {
        errors.add(FieldError.invalid(at, name, "can only be set when AppArmor type is Localhost"));
      }
    } else if (!name.strip().equals(name)) {
      errors.add(FieldError.invalid(at, name, "must not be padded with whitespace"));
    } else if (name.isEmpty()) {
      errors.add(FieldError.required(at, "must be set when AppArmor type is Localhost"));
    } else if (name.length() > LONGEST_PROFILE) {
      errors.add(FieldError.tooLong(at, LONGEST_PROFILE));
    }
  }

  private void sysctls(JsonNode spec, JsonNode sysctls, String path) {
    Set<String> names = new HashSet<>();
    int index = 0;
    for (JsonNode sysctl : sysctls) {
      String at = path + "[" + index++ + "].name";
      String name = Json.text(sysctl, "name");
      if (name.isEmpty()) {
        errors.add(FieldError.required(at, ""));
      } else if (name.length() > LONGEST_SYSCTL || !SYSCTL.matcher(name).matches()) {
        errors.add(
            FieldError.invalid(
                at,
                name,
                "must have at most "
                    + LONGEST_SYSCTL
                    + " characters and match regex ^"
                    + SYSCTL.pattern()
                    + "$"));
      } else if (!names.add(name.replace('/', '.'))) {
        errors.add(FieldError.duplicate(at, name));
      } else {
        ofHost(spec, name, at);
      }
    }
  }

  /** What a pod has of its host, it does not set for its host. */
  private void ofHost(JsonNode spec, String name, String path) {
    String plain = name.replace('/', '.');
    if (plain.startsWith("net.") && Json.flag(spec, "hostNetwork")) {
      errors.add(FieldError.invalid(path, name, "may not be specified when 'hostNetwork' is true"));
    } else if (BETWEEN_PROCESSES.stream().anyMatch(plain::startsWith)
        && Json.flag(spec, "hostIPC")) {
      errors.add(FieldError.invalid(path, name, "may not be specified when 'hostIPC' is true"));
    }
  }
}
