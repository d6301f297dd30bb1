package dev.coxswain.apiserver.aggregation;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.definition.Conditions;
import dev.coxswain.apiserver.webhook.ClientConfig;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An APIService that names a Service.
 *
 * @param name the APIService's name
 * @param groupPriority where its group stands among the groups; greater comes first
 * @param versionPriority where its version stands within the group; greater comes first
 * @param authorities PEM text of the CAs to believe
 * @param unverified whether whoever answers is believed
 * @param available whether its condition says that it answers
 */
record Aggregated(
    String name,
    String group,
    String version,
    long groupPriority,
    long versionPriority,
    String serviceNamespace,
    String serviceName,
    int servicePort,
    String authorities,
    boolean unverified,
    boolean available) {

  static final String AVAILABLE = "Available";
  private static final int HTTPS = 443;

  /** Reads one; empty where this server itself serves the version. */
  static Optional<Aggregated> of(ObjectNode object) {
    JsonNode spec = object.path("spec");
    JsonNode service = spec.path("service");
    if (!service.isObject()) {
      return Optional.empty();
    }
    return Optional.of(
        new Aggregated(
            Json.text(object, "metadata", "name"),
            Json.text(spec, "group"),
            Json.text(spec, "version"),
            Json.number(spec, 0, "groupPriorityMinimum"),
            Json.number(spec, 0, "versionPriority"),
            Json.text(service, "namespace"),
            Json.text(service, "name"),
            (int) Json.number(service, HTTPS, "port"),
            ClientConfig.authorities(Json.text(spec, "caBundle")),
            Json.flag(spec, "insecureSkipTLSVerify"),
            Conditions.isTrue(object, AVAILABLE)));
  }

  /** The name that its certificate must be for. */
  String host() {
    return serviceName + "." + serviceNamespace + ".svc";
  }

  /** The path of its discovery document. */
  String path() {
    return "/apis/" + group + "/" + version;
  }
}
