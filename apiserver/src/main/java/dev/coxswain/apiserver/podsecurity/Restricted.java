package dev.coxswain.apiserver.podsecurity;

import dev.coxswain.api.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** The rules that {@code restricted} adds: what a hardened pod looks like. */
final class Restricted {
  /** The rules, in upstream's order. */
  static final List<Check> ALL =
      List.of(
          Restricted::privilegeEscalation,
          Restricted::capabilities,
          Restricted::volumes,
          Restricted::runAsNonRoot,
          Restricted::runAsUser,
          Restricted::seccomp);

  private static final Set<String> VOLUMES =
      Set.of(
          "name",
          "configMap",
          "csi",
          "downwardAPI",
          "emptyDir",
          "ephemeral",
          "image",
          "persistentVolumeClaim",
          "projected",
          "secret");

  /** The version since which rules that Windows does not know are not asked of its pods. */
  private static final int WINDOWS_EXEMPT = 25;

  private Restricted() {}

  private static boolean exempt(PodView pod, Policy policy) {
    return policy.since(WINDOWS_EXEMPT) && pod.windows();
  }

  private static Optional<Violation> privilegeEscalation(PodView pod, Policy policy) {
    if (!policy.since(8) || exempt(pod, policy)) {
      return Optional.empty();
    }
    List<String> containers =
        pod.containers(container -> {
          JsonNode allowed = PodView.security(container).path("allowPrivilegeEscalation");
          return !allowed.isBoolean() || allowed.asBoolean();
        });
    return containers.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Violation(
                "allowPrivilegeEscalation != false",
                PodView.named("container", containers)
                    + " must set securityContext.allowPrivilegeEscalation=false"));
  }

  private static Optional<Violation> capabilities(PodView pod, Policy policy) {
    if (!policy.since(22) || exempt(pod, policy)) {
      return Optional.empty();
    }
    List<String> notDropping =
        pod.containers(container ->
            !contains(Json.at(PodView.security(container), "capabilities", "drop"), "ALL"));
    Set<String> added = new TreeSet<>();
    List<String> adding =
        pod.containers(container -> {
          boolean found = false;
          for (JsonNode capability : Json.at(PodView.security(container), "capabilities", "add")) {
            if (!capability.asString("").equals("NET_BIND_SERVICE")) {
              added.add(capability.asString(""));
              found = true;
            }
          }
          return found;
        });
    List<String> problems = new ArrayList<>();
    if (!notDropping.isEmpty()) {
      problems.add(
          PodView.named("container", notDropping)
              + " must set securityContext.capabilities.drop=[\"ALL\"]");
    }
    if (!adding.isEmpty()) {
      problems.add(
          PodView.named("container", adding)
              + " must not include "
              + PodView.quoted(List.copyOf(added))
              + " in securityContext.capabilities.add");
    }
    return Check.when(problems, "unrestricted capabilities");
  }

  private static boolean contains(JsonNode list, String text) {
    for (JsonNode element : list) {
      if (element.asString("").equals(text)) {
        return true;
      }
    }
    return false;
  }

  private static Optional<Violation> volumes(PodView pod, Policy policy) {
    List<String> names = new ArrayList<>();
    Set<String> types = new TreeSet<>();
    for (JsonNode volume : pod.spec().path("volumes")) {
      for (String type : volume.propertyNames()) {
        if (!VOLUMES.contains(type)) {
          names.add(Json.text(volume, "name"));
          types.add(type);
        }
      }
    }
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Violation(
                "restricted volume types",
                PodView.named("volume", names)
                    + (names.size() == 1 ? " uses " : " use ")
                    + PodView.named("restricted volume type", List.copyOf(types))));
  }

  private static Optional<Violation> runAsNonRoot(PodView pod, Policy policy) {
    JsonNode whole = pod.security().path("runAsNonRoot");
    List<String> bad = new ArrayList<>();
    List<String> silent = new ArrayList<>();
    for (JsonNode container : pod.containers()) {
      JsonNode own = PodView.security(container).path("runAsNonRoot");
      if (own.isBoolean()) {
        if (!own.asBoolean()) {
          bad.add(Json.text(container, "name"));
        }
      } else if (!whole.isBoolean()) {
        silent.add(Json.text(container, "name"));
      }
    }
    List<String> problems = new ArrayList<>();
    PodView.setters(whole.isBoolean() && !whole.asBoolean(), bad)
        .ifPresent(who -> problems.add(who + " must not set securityContext.runAsNonRoot=false"));
    if (problems.isEmpty() && !silent.isEmpty()) {
      problems.add(
          "pod or "
              + PodView.named("container", silent)
              + " must set securityContext.runAsNonRoot=true");
    }
    return Check.when(problems, "runAsNonRoot != true");
  }

  private static Optional<Violation> runAsUser(PodView pod, Policy policy) {
    if (!policy.since(23)) {
      return Optional.empty();
    }
    boolean whole = Json.number(pod.security(), -1, "runAsUser") == 0;
    List<String> containers =
        pod.containers(container -> Json.number(PodView.security(container), -1, "runAsUser") == 0);
    return PodView.setters(whole, containers)
        .map(who -> new Violation("runAsUser=0", who + " must not set runAsUser=0"));
  }

  private static Optional<Violation> seccomp(PodView pod, Policy policy) {
    if (!policy.since(19) || exempt(pod, policy)) {
      return Optional.empty();
    }
    String whole = Json.text(pod.security(), "seccompProfile", "type");
    List<String> bad = new ArrayList<>();
    List<String> silent = new ArrayList<>();
    Set<String> values = new TreeSet<>();
    for (JsonNode container : pod.containers()) {
      String own = Json.text(PodView.security(container), "seccompProfile", "type");
      if (own.isEmpty()) {
        if (whole.isEmpty()) {
          silent.add(Json.text(container, "name"));
        }
      } else if (!confined(own)) {
        bad.add(Json.text(container, "name"));
        values.add(own);
      }
    }
    boolean forbidden = !whole.isEmpty() && !confined(whole);
    if (forbidden) {
      values.add(whole);
    }
    List<String> problems = new ArrayList<>();
    PodView.setters(forbidden, bad)
        .ifPresent(who ->
            problems.add(
                who
                    + " must not set securityContext.seccompProfile.type to "
                    + PodView.quoted(List.copyOf(values))));
    if (problems.isEmpty() && !silent.isEmpty()) {
      problems.add(
          "pod or "
              + PodView.named("container", silent)
              + " must set securityContext.seccompProfile.type to \"RuntimeDefault\" or"
              + " \"Localhost\"");
    }
    return Check.when(problems, "seccompProfile");
  }

  private static boolean confined(String type) {
    return type.equals("RuntimeDefault") || type.equals("Localhost");
  }
}
