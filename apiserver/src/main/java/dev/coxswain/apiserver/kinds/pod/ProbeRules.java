package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What is wrong with a container's probes and with what is done when it starts and stops. */
final class ProbeRules {
  private static final List<String> PROBES =
      List.of("livenessProbe", "readinessProbe", "startupProbe");
  private static final Pattern HEADER = Pattern.compile("[-A-Za-z0-9]+");
  private static final String GRACE = "terminationGracePeriodSeconds";

  private final List<FieldError> errors;
  private final JsonNode podGrace;

  /**
   * Adds what it finds to a list.
   *
   * @param podGrace how many seconds the pod has to stop
   */
  ProbeRules(List<FieldError> errors, JsonNode podGrace) {
    this.errors = errors;
    this.podGrace = podGrace;
  }

  /**
   * Checks those of a container.
   *
   * @param passing whether it runs to its end before the others, so that none of them makes sense
   */
  void check(JsonNode container, boolean passing, String path) {
    for (String probe : PROBES) {
      if (container.path(probe).isObject()) {
        if (passing) {
          forbidden(path + "." + probe);
        } else {
          probe(container.path(probe), probe, path + "." + probe);
        }
      }
    }
    JsonNode lifecycle = container.path("lifecycle");
    if (lifecycle.isObject() && passing) {
      forbidden(path + ".lifecycle");
      return;
    }
    for (String hook : List.of("postStart", "preStop")) {
      if (lifecycle.path(hook).isObject()) {
        handler(
            lifecycle.path(hook),
            path + ".lifecycle." + hook,
            List.of("exec", "httpGet", "tcpSocket", "sleep"));
      }
    }
  }

  private void forbidden(String path) {
    errors.add(
        FieldError.forbidden(
            path, "may not be set for init containers without restartPolicy=Always"));
  }

  private void probe(JsonNode probe, String kind, String path) {
    handler(probe, path, List.of("exec", "httpGet", "tcpSocket", "grpc"));
    for (String field :
        List.of(
            "initialDelaySeconds",
            "timeoutSeconds",
            "periodSeconds",
            "successThreshold",
            "failureThreshold")) {
      Checks.nonNegative(probe, field, path, errors);
    }
    JsonNode grace = probe.path(GRACE);
    if (kind.equals("readinessProbe")) {
      if (grace.isNumber()) {
        errors.add(
            FieldError.invalid(path + "." + GRACE, grace, "must not be set for readinessProbes"));
      }
      return;
    }
    if (grace.isNumber() && grace.asLong() <= 0) {
      errors.add(FieldError.invalid(path + "." + GRACE, grace, "must be greater than 0"));
    }
    if (probe.path("successThreshold").asInt(1) != 1) {
      errors.add(
          FieldError.invalid(
              path + ".successThreshold", probe.path("successThreshold"), "must be 1"));
    }
  }

  private void handler(JsonNode handler, String path, List<String> kinds) {
    int count = 0;
    for (String kind : kinds) {
      if (handler.path(kind).isObject()) {
        count++;
        if (count > 1) {
          errors.add(
              FieldError.forbidden(path + "." + kind, "may not specify more than 1 handler type"));
        } else {
          action(kind, handler.path(kind), path + "." + kind);
        }
      }
    }
    if (count == 0) {
      errors.add(FieldError.required(path, "must specify a handler type"));
    }
  }

  private void action(String kind, JsonNode action, String path) {
    switch (kind) {
      case "exec" -> {
        if (action.path("command").isEmpty()) {
          errors.add(FieldError.required(path + ".command", ""));
        }
      }
      case "httpGet" -> {
        Checks.required(action, "path", path, errors);
        Checks.port(action.path("port"), path + ".port", errors);
        Checks.oneOf(action, "scheme", Set.of("HTTP", "HTTPS"), path, errors);
        headers(action.path("httpHeaders"), path + ".httpHeaders");
      }
      case "sleep" -> sleep(action.path("seconds"), path);
      default -> Checks.port(action.path("port"), path + ".port", errors);
    }
  }

  private void headers(JsonNode headers, String path) {
    for (JsonNode header : headers) {
      String name = Json.text(header, "name");
      if (!HEADER.matcher(name).matches()) {
        errors.add(
            FieldError.invalid(
                path,
                name,
                "a valid HTTP header must consist of alphanumeric characters or '-' (e.g."
                    + " 'X-Header-Name', regex used for validation is '"
                    + HEADER
                    + "')"));
      }
    }
  }

  private void sleep(JsonNode seconds, String path) {
    if (podGrace.isNumber() && (seconds.asLong(0) < 0 || seconds.asLong(0) > podGrace.asLong())) {
      errors.add(
          FieldError.invalid(
              path,
              seconds.asLong(0),
              "must be non-negative and less than terminationGracePeriodSeconds ("
                  + podGrace.asLong()
                  + ")"));
    }
  }
}
