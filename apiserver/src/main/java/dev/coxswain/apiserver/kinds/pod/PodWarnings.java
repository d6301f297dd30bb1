package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is allowed in a pod but rarely meant. The texts are upstream's. */
public final class PodWarnings {
  private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
  private static final String PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

  /** Labels of nodes that have other names now, and since when. */
  private static final Map<String, String> OLD_LABELS =
      Map.of(
          "beta.kubernetes.io/arch",
          "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
          "beta.kubernetes.io/os",
          "deprecated since v1.14; use \"kubernetes.io/os\" instead",
          "failure-domain.beta.kubernetes.io/region",
          "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
          "failure-domain.beta.kubernetes.io/zone",
          "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
          "beta.kubernetes.io/instance-type",
          "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead");

  /** Volumes that no kubelet mounts any more. */
  private static final Map<String, String> OLD_VOLUMES =
      Map.of(
          "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+",
          "gitRepo", "deprecated in v1.11, and disabled by default in v1.33+",
          "scaleIO", "deprecated in v1.16, non-functional in v1.22+",
          "flocker", "deprecated in v1.22, non-functional in v1.25+",
          "storageos", "deprecated in v1.22, non-functional in v1.25+",
          "quobyte", "deprecated in v1.22, non-functional in v1.25+",
          "glusterfs", "deprecated in v1.25, non-functional in v1.26+",
          "cephfs", "deprecated in v1.28, non-functional in v1.31+",
          "rbd", "deprecated in v1.28, non-functional in v1.31+");

  private final List<String> warnings = new ArrayList<>();

  private PodWarnings() {}

  /** The warnings about a specification at a path. */
  public static List<String> of(JsonNode spec, String path) {
    PodWarnings told = new PodWarnings();
    told.nodes(spec, path);
    told.volumes(spec.path("volumes"), path + ".volumes");
    told.repeated(spec.path("hostAliases"), "ip", path + ".hostAliases");
    told.repeated(spec.path("imagePullSecrets"), "name", path + ".imagePullSecrets");
    told.unnamed(spec.path("imagePullSecrets"), path + ".imagePullSecrets");
    ContainerWarnings.fractions(spec.path("overhead"), path + ".overhead", told.warnings);
    told.warnings.addAll(ContainerWarnings.of(spec, path));
    if (spec.path("terminationGracePeriodSeconds").asLong(0) < 0) {
      told.warnings.add(
          path
              + ".terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will"
              + " be treated as 1");
    }
    told.neighbours(spec.path("affinity"), path + ".affinity");
    return told.warnings;
  }

  /**
   * The warnings about what keeps pods running: those about its pods where their specification is
   * new or has changed.
   *
   * @param old what is there; null for a new object
   * @param named whether its pods are called after it, and so find their hostnames in its name
   * @param path where the specification of its pods stands
   */
  public static List<String> ofTemplate(
      ObjectNode object, @Nullable ObjectNode old, boolean named, String... path) {
    List<String> warnings = new ArrayList<>();
    if (old == null) {
      if (named) {
        hostname(object, "Pod names and hostnames", warnings);
      }
    } else if (Json.number(object, 0, "metadata", "generation")
        == Json.number(old, 0, "metadata", "generation")) {
      return warnings;
    }
    warnings.addAll(of(Json.at(object, path), String.join(".", path)));
    return warnings;
  }

  /** Adds what is said of a name that is no part of a host's. */
  static void hostname(JsonNode object, String use, List<String> warnings) {
    Names.label(Json.text(object, "metadata", "name"))
        .ifPresent(problem ->
            warnings.add(
                "metadata.name: this is used in "
                    + use
                    + ", which can result in surprising behavior; a DNS label is recommended: ["
                    + problem
                    + "]"));
  }

  private void nodes(JsonNode spec, String path) {
    for (String label : spec.path("nodeSelector").propertyNames()) {
      String since = OLD_LABELS.get(label);
      if (since != null) {
        warnings.add(path + ".nodeSelector[" + label + "]: " + since);
      }
    }
    JsonNode affinity = Json.at(spec, "affinity", "nodeAffinity");
    String at = path + ".affinity.nodeAffinity.";
    int index = 0;
    for (JsonNode term : affinity.path(REQUIRED).path("nodeSelectorTerms")) {
      term(term, at + REQUIRED + ".nodeSelectorTerms[" + index++ + "]");
    }
    index = 0;
    for (JsonNode weighted : affinity.path(PREFERRED)) {
      term(weighted.path("preference"), at + PREFERRED + "[" + index++ + "].preference");
    }
    index = 0;
    for (JsonNode constraint : spec.path("topologySpreadConstraints")) {
      String key = path + ".topologySpreadConstraints[" + index++ + "].topologyKey";
      label(Json.text(constraint, "topologyKey"), key);
    }
  }

  private void term(JsonNode term, String path) {
    int index = 0;
    for (JsonNode requirement : term.path("matchExpressions")) {
      label(Json.text(requirement, "key"), path + ".matchExpressions[" + index++ + "].key");
    }
  }

  private void label(String name, String path) {
    String since = OLD_LABELS.get(name);
    if (since != null) {
      warnings.add(path + ": " + name + " is " + since);
    }
  }

  private void volumes(JsonNode volumes, String path) {
    int index = 0;
    for (JsonNode volume : volumes) {
      String at = path + "[" + index++ + "].";
      for (String kind : volume.propertyNames()) {
        String since = OLD_VOLUMES.get(kind);
        if (since != null && volume.path(kind).isObject()) {
          warnings.add(at + (kind.equals("storageos") ? "storageOS" : kind) + ": " + since);
        }
      }
    }
  }

  private void repeated(JsonNode list, String field, String path) {
    Set<String> seen = new HashSet<>();
    int index = 0;
    for (JsonNode element : list) {
      String at = path + "[" + index++ + "]." + field;
      String value = Json.text(element, field);
      if (!seen.add(value)) {
        warnings.add(at + ": duplicate " + field + " \"" + value + "\"");
      }
    }
  }

  private void unnamed(JsonNode secrets, String path) {
    int index = 0;
    for (JsonNode secret : secrets) {
      String at = path + "[" + index++ + "].name";
      if (Json.text(secret, "name").isEmpty()) {
        warnings.add(at + ": invalid empty name \"\"");
      }
    }
  }

  private void neighbours(JsonNode affinity, String path) {
    for (String kind : List.of("podAffinity", "podAntiAffinity")) {
      String at = path + "." + kind + ".";
      int index = 0;
      for (JsonNode term : affinity.path(kind).path(REQUIRED)) {
        selector(term, at + REQUIRED + "[" + index++ + "]");
      }
      index = 0;
      for (JsonNode weighted : affinity.path(kind).path(PREFERRED)) {
        selector(
            weighted.path("podAffinityTerm"), at + PREFERRED + "[" + index++ + "].podAffinityTerm");
      }
    }
  }

  private void selector(JsonNode term, String path) {
    if (!term.hasNonNull("labelSelector")) {
      warnings.add(path + ".labelSelector: a null labelSelector results in matching no pod");
    }
  }
}
