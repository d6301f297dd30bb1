package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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

  /** Those that are told of where they are volumes by themselves. */
  private static final Set<String> OLD_PERSISTENT =
      Set.of("photonPersistentDisk", "scaleIO", "storageos", "glusterfs", "cephfs", "rbd");

  private static final Map<String, String> OLD_ANNOTATIONS = new TreeMap<>();

  static {
    String sysctls = "non-functional in v1.11+; use the \"sysctls\" field instead";
    OLD_ANNOTATIONS.put(
        "scheduler.alpha.kubernetes.io/critical-pod",
        "non-functional in v1.16+; use the \"priorityClassName\" field instead");
    OLD_ANNOTATIONS.put("security.alpha.kubernetes.io/sysctls", sysctls);
    OLD_ANNOTATIONS.put("security.alpha.kubernetes.io/unsafe-sysctls", sysctls);
  }

  private static final String SECCOMP = "seccomp.security.alpha.kubernetes.io/pod";

  /** Stands before a container's name. */
  private static final String SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/";

  private static final String SECCOMP_SINCE =
      "non-functional in v1.27+; use the \"seccompProfile\" field instead";

  private final List<String> warnings = new ArrayList<>();

  private PodWarnings() {}

  /** The warnings about a specification at a path, and about the annotations that go with it. */
  static List<String> of(JsonNode metadata, JsonNode spec, String path) {
    PodWarnings told = new PodWarnings();
    told.nodes(spec, path);
    String at = path.substring(0, path.lastIndexOf("spec")) + "metadata.annotations";
    told.annotations(metadata.path("annotations"), spec, at);
    told.volumes(spec.path("volumes"), path + ".volumes");
    told.tokens(spec.path("volumes"), path + ".volumes");
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

  /** Adds what is said of the specification of a claim. */
  public static void claim(JsonNode spec, String path, List<String> warnings) {
    for (String kind : List.of("requests", "limits")) {
      ContainerWarnings.fraction(
          spec.path("resources").path(kind), "storage", path + ".resources." + kind, warnings);
    }
  }

  /** The warnings about a persistent volume: of what type it is, and to which nodes it goes. */
  public static List<String> ofVolume(JsonNode spec, String path) {
    PodWarnings told = new PodWarnings();
    String at = path + ".nodeAffinity.required.nodeSelectorTerms[";
    int index = 0;
    for (JsonNode term : Json.at(spec, "nodeAffinity", "required", "nodeSelectorTerms")) {
      told.term(term, at + index++ + "]");
    }
    told.source(spec, path + ".", OLD_PERSISTENT);
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
    String[] template = Arrays.copyOf(path, path.length - 1);
    warnings.addAll(
        of(
            Json.at(object, template).path("metadata"),
            Json.at(object, path),
            String.join(".", path)));
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
      String place = path + ".topologySpreadConstraints[" + index++ + "]";
      label(Json.text(constraint, "topologyKey"), place + ".topologyKey");
      selector(constraint, place);
    }
  }

  /** Annotations that once were the only way to say what is in a field now. */
  private void annotations(JsonNode annotations, JsonNode spec, String path) {
    if (annotations.isEmpty()) {
      return;
    }
    OLD_ANNOTATIONS.forEach((name, since) -> {
      if (annotations.has(name)) {
        warnings.add(path + "[" + name + "]: " + since);
      }
    });
    JsonNode context = spec.path("securityContext");
    if (annotations.has(SECCOMP) && !context.path("seccompProfile").isObject()) {
      warnings.add(path + "[" + SECCOMP + "]: " + SECCOMP_SINCE);
    }
    // Of a pod the annotation has become the field by now.
    boolean template = !path.startsWith("metadata");
    for (String list : List.of("initContainers", "containers", "ephemeralContainers")) {
      for (JsonNode container : spec.path(list)) {
        JsonNode own = container.path("securityContext");
        String name = Json.text(container, "name");
        if (annotations.has(SECCOMP_CONTAINER + name) && !own.path("seccompProfile").isObject()) {
          warnings.add(path + "[" + SECCOMP_CONTAINER + name + "]: " + SECCOMP_SINCE);
        }
        String profile = AppArmorAnnotations.PREFIX + name;
        if (template
            && annotations.has(profile)
            && !own.path("appArmorProfile").isObject()
            && !context.path("appArmorProfile").isObject()) {
          warnings.add(
              path
                  + "["
                  + profile
                  + "]: deprecated since v1.30; use the \"appArmorProfile\" field instead");
        }
      }
    }
  }

  /** Of two files of one name the token is the one that is there. The paths are upstream's. */
  private void tokens(JsonNode volumes, String path) {
    Set<String> tokens = new HashSet<>();
    for (JsonNode volume : volumes) {
      for (JsonNode source : volume.path("projected").path("sources")) {
        if (source.path("serviceAccountToken").isObject()) {
          tokens.add(Json.text(source, "serviceAccountToken", "path"));
        }
      }
    }
    int index = 0;
    for (JsonNode volume : volumes) {
      String at = path + "[" + index++ + "].projected.sources.";
      for (JsonNode source : volume.path("projected").path("sources")) {
        files(source.path("configMap"), tokens, at + "configMap");
        files(source.path("secret"), tokens, at + "secrets");
        files(source.path("downwardAPI"), tokens, at + "downwardAPI");
        JsonNode bundle = source.path("clusterTrustBundle");
        if (bundle.isObject()) {
          file(Json.text(bundle, "path"), tokens, at + "ClusterTrustBundle");
        }
      }
    }
  }

  private void files(JsonNode source, Set<String> tokens, String path) {
    int index = 0;
    for (JsonNode item : source.path("items")) {
      file(Json.text(item, "path"), tokens, path + "[" + index++ + "]");
    }
  }

  private void file(String name, Set<String> tokens, String path) {
    if (tokens.contains(name)) {
      warnings.add(path + ": has duplicated path with ServiceAccountToken \"" + name + "\"");
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
      claim(
          Json.at(volume, "ephemeral", "volumeClaimTemplate", "spec"),
          at + "ephemeral.volumeClaimTemplate.spec",
          warnings);
      source(volume, at, OLD_VOLUMES.keySet());
    }
  }

  private void source(JsonNode volume, String path, Set<String> kinds) {
    for (String kind : volume.propertyNames()) {
      if (kinds.contains(kind) && volume.path(kind).isObject()) {
        warnings.add(
            path + (kind.equals("storageos") ? "storageOS" : kind) + ": " + OLD_VOLUMES.get(kind));
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
