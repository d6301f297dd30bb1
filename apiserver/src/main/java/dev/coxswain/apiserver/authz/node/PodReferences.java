package dev.coxswain.apiserver.authz.node;

import dev.coxswain.api.json.Json;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The secrets, config maps and claims that a pod names. */
public final class PodReferences {
  private PodReferences() {}

  /** What is named, with the words by which environment, volumes and projections name it. */
  public enum Kind {
    /** Secrets. */
    SECRET("secretKeyRef", "secretRef", "secret", "secretName"),
    /** Config maps. */
    CONFIG_MAP("configMapKeyRef", "configMapRef", "configMap", "name");

    private final String key;
    private final String all;
    private final String source;
    private final String volumeName;

    Kind(String key, String all, String source, String volumeName) {
      this.key = key;
      this.all = all;
      this.source = source;
      this.volumeName = volumeName;
    }
  }

  /** Their names. */
  public static Set<String> in(JsonNode pod, Kind kind) {
    Set<String> names = new HashSet<>();
    JsonNode spec = pod.path("spec");
    for (String containers : List.of("initContainers", "containers", "ephemeralContainers")) {
      for (JsonNode container : spec.path(containers)) {
        for (JsonNode variable : container.path("env")) {
          add(names, variable.path("valueFrom").path(kind.key).path("name"));
        }
        for (JsonNode source : container.path("envFrom")) {
          add(names, source.path(kind.all).path("name"));
        }
      }
    }
    for (JsonNode volume : spec.path("volumes")) {
      add(names, volume.path(kind.source).path(kind.volumeName));
      for (JsonNode source : volume.path("projected").path("sources")) {
        add(names, source.path(kind.source).path("name"));
      }
      if (kind == Kind.SECRET) {
        add(names, volume.path("csi").path("nodePublishSecretRef").path("name"));
      }
    }
    if (kind == Kind.SECRET) {
      for (JsonNode secret : spec.path("imagePullSecrets")) {
        add(names, secret.path("name"));
      }
    }
    return names;
  }

  /**
   * The claims of devices of a pod. Those that are made for it are known once that has been done.
   */
  public static Set<String> devices(JsonNode pod) {
    Set<String> names = new HashSet<>();
    for (JsonNode claim : pod.path("spec").path("resourceClaims")) {
      add(names, claim.path("resourceClaimName"));
      if (claim.has("resourceClaimTemplateName")) {
        for (JsonNode made : pod.path("status").path("resourceClaimStatuses")) {
          if (made.path("name").equals(claim.path("name"))) {
            add(names, made.path("resourceClaimName"));
          }
        }
      }
    }
    return names;
  }

  /** The claim behind a volume of a pod, be it one that is made for the pod; empty for none. */
  public static String claim(JsonNode pod, JsonNode volume) {
    return volume.has("ephemeral")
        ? Json.text(pod, "metadata", "name") + "-" + Json.text(volume, "name")
        : Json.text(volume, "persistentVolumeClaim", "claimName");
  }

  private static void add(Set<String> names, JsonNode name) {
    if (name.isString()) {
      names.add(name.asString());
    }
  }
}
