package dev.coxswain.apiserver.kinds.common;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.registry.FieldError;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What is wrong with where a webhook is said to be. The texts are upstream's. */
public final class ClientConfigRules {
  private static final int HTTPS = 443;
  private static final String FORM = "; desired format: https://host[/path]";

  private ClientConfigRules() {}

  /** Checks a {@code clientConfig}. */
  public static void check(JsonNode client, String path, List<FieldError> errors) {
    boolean url = Json.has(client, "url");
    if (url == client.path("service").isObject()) {
      errors.add(FieldError.required(path, "exactly one of url or service is required"));
    } else if (url) {
      url(Json.text(client, "url"), path + ".url", errors);
    } else {
      service(client.path("service"), path + ".service", errors);
    }
  }

  private static void url(String text, String path, List<FieldError> errors) {
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException malformed) {
      errors.add(
          FieldError.required(path, "url must be a valid URL: " + malformed.getReason() + FORM));
      return;
    }
    String scheme = url.getScheme() == null ? "" : url.getScheme();
    if (!scheme.equals("https")) {
      errors.add(FieldError.invalid(path, scheme, "'https' is the only allowed URL scheme" + FORM));
    }
    if (url.getHost() == null) {
      errors.add(FieldError.invalid(path, "", "host must be specified" + FORM));
    }
    if (url.getRawUserInfo() != null) {
      errors.add(
          FieldError.invalid(
              path, url.getRawUserInfo(), "user information is not permitted in the URL"));
    }
    if (url.getRawFragment() != null) {
      errors.add(
          FieldError.invalid(path, url.getRawFragment(), "fragments are not permitted in the URL"));
    }
    if (url.getRawQuery() != null) {
      errors.add(
          FieldError.invalid(
              path, url.getRawQuery(), "query parameters are not permitted in the URL"));
    }
  }

  private static void service(JsonNode service, String path, List<FieldError> errors) {
    if (Json.text(service, "name").isEmpty()) {
      errors.add(FieldError.required(path + ".name", "service name is required"));
    }
    if (Json.text(service, "namespace").isEmpty()) {
      errors.add(FieldError.required(path + ".namespace", "service namespace is required"));
    }
    long port = Json.number(service, HTTPS, "port");
    if (port < 1 || port > Checks.MAXIMUM_PORT) {
      errors.add(
          FieldError.invalid(path + ".port", port, "port is not valid: " + Checks.PORT_RANGE));
    }
    path(Json.text(service, "path"), path + ".path", errors);
  }

  private static void path(String text, String path, List<FieldError> errors) {
    if (text.isEmpty() || text.equals("/")) {
      return;
    }
    if (!text.startsWith("/")) {
      errors.add(FieldError.invalid(path, text, "must start with a '/'"));
    }
    String inner = text.substring(1);
    if (inner.length() > 1 && inner.endsWith("/")) {
      inner = inner.substring(0, inner.length() - 1);
    }
    List<String> segments = Arrays.asList(inner.split("/", -1));
    if (inner.equals("/")) {
      segments = List.of("");
    }
    for (int i = 0; i < segments.size(); i++) {
      String segment = "segment[" + i + "]";
      if (segments.get(i).isEmpty()) {
        errors.add(FieldError.invalid(path, text, segment + " may not be empty"));
      } else {
        Names.subdomain(segments.get(i))
            .ifPresent(
                problem -> errors.add(FieldError.invalid(path, text, segment + ": " + problem)));
      }
    }
  }
}
