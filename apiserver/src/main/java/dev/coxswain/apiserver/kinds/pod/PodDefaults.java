package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.quota.PodRequests;
import dev.coxswain.apiserver.kinds.common.Defaults;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a pod's specification says where it says nothing; the values are upstream's. */
public final class PodDefaults {
  private static final int GRACE_SECONDS = 30;
  private static final int TOKEN_SECONDS = 3600;

  /** Permissions of projected files: 0644. */
  private static final int FILE_MODE = 420;

  private PodDefaults() {}

  /** Fills a pod's own specification. */
  static void fillPod(ObjectNode spec) {
    for (String list : List.of("containers", "initContainers")) {
      for (JsonNode container : spec.path(list)) {
        requestsFromLimits(container);
      }
    }
    requestsOfTheWhole(spec);
    Defaults.flag(spec, "enableServiceLinks", true);
    fillSpec(spec);
    // Of pods alone: a template keeps what it says.
    if (spec.path("terminationGracePeriodSeconds").asLong(0) < 0) {
      spec.put("terminationGracePeriodSeconds", 1);
    }
    if (Json.flag(spec, "hostNetwork")) {
      hostPorts(spec);
    }
  }

  /** In the host's network a port is the host's; a template leaves that to its pods. */
  private static void hostPorts(ObjectNode spec) {
    for (String list : List.of("containers", "initContainers")) {
      for (JsonNode container : spec.path(list)) {
        for (JsonNode port : container.path("ports")) {
          if (port instanceof ObjectNode object && object.has("containerPort")) {
            Defaults.positive(object, "hostPort", object.path("containerPort").asInt(0));
          }
        }
      }
    }
  }

  /** Fills the template of a workload. */
  public static void fillTemplate(ObjectNode template) {
    ObjectNode spec = Defaults.object(template, "spec");
    Defaults.object(template, "metadata");
    fillSpec(spec);
  }

  private static void fillSpec(ObjectNode spec) {
    Defaults.text(spec, "restartPolicy", "Always");
    Defaults.number(spec, "terminationGracePeriodSeconds", GRACE_SECONDS);
    Defaults.text(spec, "dnsPolicy", "ClusterFirst");
    valued(Defaults.object(spec, "securityContext").path("sysctls"));
    Defaults.text(spec, "schedulerName", "default-scheduler");
    serviceAccount(spec);
    for (String list : List.of("initContainers", "containers", "ephemeralContainers")) {
      for (JsonNode container : spec.path(list)) {
        if (container instanceof ObjectNode object) {
          fillContainer(object);
        }
      }
    }
    for (JsonNode volume : spec.path("volumes")) {
      if (volume instanceof ObjectNode object) {
        fillVolume(object);
      }
    }
  }

  /** The account has an older name, which old clients still read. */
  private static void serviceAccount(ObjectNode spec) {
    String name = Json.text(spec, "serviceAccountName");
    String older = Json.text(spec, "serviceAccount");
    if (name.isEmpty() && !older.isEmpty()) {
      spec.put("serviceAccountName", older);
    } else if (!name.isEmpty()) {
      spec.put("serviceAccount", name);
    }
  }

  private static void fillContainer(ObjectNode container) {
    Defaults.text(container, "imagePullPolicy", pullPolicy(Json.text(container, "image")));
    Defaults.text(container, "terminationMessagePath", "/dev/termination-log");
    Defaults.text(container, "terminationMessagePolicy", "File");
    Defaults.object(container, "resources");
    for (JsonNode port : container.path("ports")) {
      if (port instanceof ObjectNode object) {
        Defaults.text(object, "protocol", "TCP");
      }
    }
    for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
      if (container.get(probe) instanceof ObjectNode object) {
        fillProbe(object);
      }
    }
    for (String hook : List.of("postStart", "preStop")) {
      httpGet(Json.at(container, "lifecycle", hook));
    }
    for (JsonNode variable : container.path("env")) {
      fieldReference(variable.path("valueFrom").path("fieldRef"));
      divisor(variable.path("valueFrom").path("resourceFieldRef"));
    }
  }

  /** An image that may change under its name is pulled each time. */
  static String pullPolicy(String image) {
    int digest = image.indexOf('@');
    String name = digest < 0 ? image : image.substring(0, digest);
    int colon = name.lastIndexOf(':');
    boolean tagged = colon > name.lastIndexOf('/');
    String tag = tagged ? name.substring(colon + 1) : digest < 0 ? "latest" : "";
    return tag.equals("latest") ? "Always" : "IfNotPresent";
  }

  private static void fillProbe(ObjectNode probe) {
    Defaults.positive(probe, "timeoutSeconds", 1);
    Defaults.positive(probe, "periodSeconds", 10);
    Defaults.positive(probe, "successThreshold", 1);
    Defaults.positive(probe, "failureThreshold", 3);
    httpGet(probe);
    if (probe.get("grpc") instanceof ObjectNode grpc && !grpc.has("service")) {
      grpc.put("service", "");
    }
  }

  private static void httpGet(JsonNode handler) {
    if (handler.path("httpGet") instanceof ObjectNode request) {
      Defaults.text(request, "path", "/");
      Defaults.text(request, "scheme", "HTTP");
      valued(request.path("httpHeaders"));
    }
  }

  /** A name without a value has an empty one. */
  private static void valued(JsonNode list) {
    for (JsonNode element : list) {
      if (element instanceof ObjectNode object && !object.hasNonNull("value")) {
        object.put("value", "");
      }
    }
  }

  private static void fieldReference(JsonNode reference) {
    if (reference instanceof ObjectNode object) {
      Defaults.text(object, "apiVersion", "v1");
    }
  }

  private static void divisor(JsonNode reference) {
    if (reference instanceof ObjectNode object) {
      Defaults.text(object, "divisor", "0");
    }
  }

  private static void fillVolume(ObjectNode volume) {
    if (volume.size() == 1 && volume.has("name")) {
      volume.putObject("emptyDir");
    }
    for (String source : List.of("secret", "configMap", "downwardAPI", "projected")) {
      if (volume.get(source) instanceof ObjectNode object) {
        Defaults.number(object, "defaultMode", FILE_MODE);
      }
    }
    if (volume.get("hostPath") instanceof ObjectNode host && !host.has("type")) {
      host.put("type", "");
    }
    if (volume.get("image") instanceof ObjectNode image) {
      Defaults.text(image, "pullPolicy", pullPolicy(Json.text(image, "reference")));
    }
    items(volume.path("downwardAPI"));
    for (JsonNode source : volume.path("projected").path("sources")) {
      items(source.path("downwardAPI"));
      if (source.path("serviceAccountToken") instanceof ObjectNode token) {
        Defaults.number(token, "expirationSeconds", TOKEN_SECONDS);
      }
    }
    if (Json.at(volume, "ephemeral", "volumeClaimTemplate", "spec") instanceof ObjectNode claim) {
      Defaults.text(claim, "volumeMode", "Filesystem");
    }
  }

  private static void items(JsonNode downward) {
    for (JsonNode item : downward.path("items")) {
      fieldReference(item.path("fieldRef"));
      divisor(item.path("resourceFieldRef"));
    }
  }

  private static void requestsFromLimits(JsonNode container) {
    if (!(container.path("resources") instanceof ObjectNode resources)
        || !(resources.get("limits") instanceof ObjectNode limits)
        || limits.isEmpty()) {
      return;
    }
    ObjectNode requests = Defaults.object(resources, "requests");
    for (Map.Entry<String, JsonNode> limit : limits.properties()) {
      if (!requests.has(limit.getKey())) {
        requests.set(limit.getKey(), limit.getValue());
      }
    }
  }

  /**
   * A pod with limits of its own asks for what its containers ask for together, or else for its
   * limits (KEP-2837).
   */
  private static void requestsOfTheWhole(ObjectNode spec) {
    if (!(spec.path("resources") instanceof ObjectNode own) || own.path("limits").isEmpty()) {
      return;
    }
    Map<String, String> requests = new LinkedHashMap<>();
    own.path("limits")
        .properties()
        .forEach(limit -> requests.put(limit.getKey(), limit.getValue().asString()));
    try {
      PodRequests.ofContainers(spec, "requests")
          .forEach((name, sum) -> requests.put(name, sum.toString()));
    } catch (IllegalArgumentException malformed) {
      // Which quantity it is the rules will say.
      return;
    }
    ObjectNode said = Defaults.object(own, "requests");
    requests.forEach((name, amount) -> {
      if (WholePodRules.supports(name)) {
        Defaults.text(said, name, amount);
      }
    });
  }
}
