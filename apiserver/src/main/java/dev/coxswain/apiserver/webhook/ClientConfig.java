package dev.coxswain.apiserver.webhook;

import dev.coxswain.api.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Where a webhook is and whom to believe there, from a {@code clientConfig}.
 *
 * @param url the whole URL; empty where a Service is named
 * @param service the Service; null where a URL is given
 * @param authorities PEM text of the CAs; empty for those that the system believes
 */
public record ClientConfig(String url, @Nullable Service service, String authorities) {
  private static final int HTTPS = 443;

  /**
   * A Service that serves a webhook.
   *
   * @param path from a slash on
   */
  public record Service(String namespace, String name, int port, String path) {
    /** The name that its certificate must be for. */
    public String host() {
      return name + "." + namespace + ".svc";
    }
  }

  /** Reads one that has been validated. */
  public static ClientConfig of(JsonNode config) {
    return new ClientConfig(
        Json.text(config, "url"),
        config.path("service").isObject() ? service(config.path("service")) : null,
        authorities(Json.text(config, "caBundle")));
  }

  private static Service service(JsonNode service) {
    String path = Json.text(service, "path");
    return new Service(
        Json.text(service, "namespace"),
        Json.text(service, "name"),
        (int) Json.number(service, HTTPS, "port"),
        path.startsWith("/") ? path : "/" + path);
  }

  /** The PEM text of a {@code caBundle}. */
  public static String authorities(String bundle) {
    try {
      return new String(Base64.getDecoder().decode(bundle), StandardCharsets.ISO_8859_1);
    } catch (IllegalArgumentException notBase64) {
      return bundle;
    }
  }

  /** The URL, without a query. */
  String address() {
    Service named = service;
    return named == null ? url : "https://" + named.host() + ":" + named.port() + named.path();
  }
}
