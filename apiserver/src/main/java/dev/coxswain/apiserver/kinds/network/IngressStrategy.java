package dev.coxswain.apiserver.kinds.network;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.cel.library.IpAddress;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rules of Ingresses. What earlier versions let in stays: a name of a secret that is none, and
 * a rule of a wildcard that is wrong.
 */
public final class IngressStrategy extends StandardStrategy {
  private static final String CLASS = "kubernetes.io/ingress.class";
  private static final String HOST_NOT_ADDRESS = "must be a DNS name, not an IP address";
  private static final Set<String> PATH_TYPES = Set.of("Exact", "ImplementationSpecific", "Prefix");
  private static final List<String> FORBIDDEN_PARTS = List.of("//", "/./", "/../", "%2f", "%2F");
  private static final List<String> FORBIDDEN_ENDS = List.of("/..", "/.");

  /** Rules on this shape. */
  public IngressStrategy(Schema schema) {
    super(schema, true, true);
  }

  @Override
  protected void validateBesideInto(
      ObjectNode object, @Nullable ObjectNode old, List<FieldError> errors) {
    JsonNode spec = object.path("spec");
    boolean hasDefault = spec.path("defaultBackend").isObject();
    if (spec.path("rules").isEmpty() && !hasDefault) {
      errors.add(
          FieldError.invalid(
              "spec", Json.array(), "either `defaultBackend` or `rules` must be specified"));
    }
    if (hasDefault) {
      backend(spec.path("defaultBackend"), "spec.defaultBackend", errors);
    }
    rules(spec, old != null && hasWrongWildcardRule(old.path("spec")), errors);
    tls(spec, old != null && hasWrongSecret(old.path("spec")), errors);
    String name = Json.text(spec, "ingressClassName");
    if (spec.path("ingressClassName").isString()) {
      Checks.form(Names.subdomain(name), "spec.ingressClassName", name, errors);
    }
    String annotation = Json.text(object, "metadata", "annotations", CLASS);
    if (old == null && !annotation.isEmpty() && !name.isEmpty() && !annotation.equals(name)) {
      errors.add(
          FieldError.invalid(
              "annotations." + CLASS,
              annotation,
              "must match `ingressClassName` when both are specified"));
    }
  }

  @Override
  public List<String> warnings(ObjectNode object, @Nullable ObjectNode old) {
    boolean annotated = object.path("metadata").path("annotations").has(CLASS);
    return old == null && annotated
        ? List.of(
            "annotation \""
                + CLASS
                + "\" is deprecated, please use 'spec.ingressClassName' instead")
        : List.of();
  }

  private static void rules(JsonNode spec, boolean lenient, List<FieldError> errors) {
    int index = 0;
    for (JsonNode rule : spec.path("rules")) {
      String path = "spec.rules[" + index++ + "]";
      String host = Json.text(rule, "host");
      if (!host.isEmpty()) {
        if (IpAddress.isAddress(host)) {
          errors.add(FieldError.invalid(path + ".host", host, HOST_NOT_ADDRESS));
        }
        host(host, path + ".host", errors);
      }
      if (!lenient || host.indexOf('*') < 0) {
        http(rule, path, errors);
      }
    }
  }

  private static void host(String host, String path, List<FieldError> errors) {
    Checks.form(
        host.indexOf('*') < 0 ? Names.subdomain(host) : Names.wildcardSubdomain(host),
        path,
        host,
        errors);
  }

  private static boolean hasWrongWildcardRule(JsonNode spec) {
    for (JsonNode rule : spec.path("rules")) {
      List<FieldError> wrong = new ArrayList<>();
      http(rule, "", wrong);
      if (Json.text(rule, "host").indexOf('*') >= 0 && !wrong.isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private static void http(JsonNode rule, String path, List<FieldError> errors) {
    JsonNode http = rule.path("http");
    if (!http.isObject()) {
      return;
    }
    if (http.path("paths").isEmpty()) {
      errors.add(FieldError.required(path + ".http.paths", ""));
    }
    int index = 0;
    for (JsonNode entry : http.path("paths")) {
      path(entry, path + ".http.paths[" + index++ + "]", errors);
    }
  }

  private static void path(JsonNode entry, String place, List<FieldError> errors) {
    JsonNode type = entry.path("pathType");
    if (!type.isString()) {
      errors.add(FieldError.required(place + ".pathType", "pathType must be specified"));
      return;
    }
    String path = Json.text(entry, "path");
    boolean specific = type.asString().equals("ImplementationSpecific");
    if (!PATH_TYPES.contains(type.asString())) {
      errors.add(FieldError.notSupported(place + ".pathType", type.asString(), PATH_TYPES));
    } else if (!path.startsWith("/") && !(specific && path.isEmpty())) {
      errors.add(FieldError.invalid(place + ".path", path, "must be an absolute path"));
    } else if (!specific) {
      FORBIDDEN_PARTS.stream()
          .filter(path::contains)
          .map(part -> "must not contain '" + part + "'")
          .forEach(wrong -> errors.add(FieldError.invalid(place + ".path", path, wrong)));
      FORBIDDEN_ENDS.stream()
          .filter(path::endsWith)
          .map(end -> "cannot end with '" + end + "'")
          .forEach(wrong -> errors.add(FieldError.invalid(place + ".path", path, wrong)));
    }
    backend(entry.path("backend"), place + ".backend", errors);
  }

  private static void backend(JsonNode backend, String path, List<FieldError> errors) {
    boolean resource = backend.path("resource").isObject();
    boolean service = backend.path("service").isObject();
    if (resource && service) {
      errors.add(FieldError.invalid(path, "", "cannot set both resource and service backends"));
    } else if (resource) {
      Parameters.check(backend.path("resource"), path + ".resource", errors);
    } else if (service) {
      service(backend.path("service"), path, errors);
    } else {
      errors.add(FieldError.invalid(path, "", "resource or service backend is required"));
    }
  }

  private static void service(JsonNode service, String path, List<FieldError> errors) {
    if (Checks.required(service, "name", path + ".service", errors)) {
      String name = Json.text(service, "name");
      Checks.form(Names.label1035(name), path + ".service.name", name, errors);
    }
    String name = Json.text(service, "port", "name");
    JsonNode number = Json.at(service, "port", "number");
    boolean numbered = number.asLong(0) != 0;
    if (!name.isEmpty() && numbered) {
      errors.add(FieldError.invalid(path, "", "cannot set both port name & port number"));
    } else if (!name.isEmpty()) {
      Checks.portName(name, path + ".service.port.name", errors);
    } else if (numbered) {
      Checks.portNumber(number, path + ".service.port.number", errors);
    } else {
      errors.add(FieldError.required(path, "port name or number is required"));
    }
  }

  private static void tls(JsonNode spec, boolean lenient, List<FieldError> errors) {
    int index = 0;
    for (JsonNode entry : spec.path("tls")) {
      String path = "spec.tls[" + index++ + "]";
      int number = 0;
      for (JsonNode host : entry.path("hosts")) {
        host(host.asString(""), path + ".hosts[" + number++ + "]", errors);
      }
      String secret = Json.text(entry, "secretName");
      if (!lenient && !secret.isEmpty()) {
        Checks.form(Names.subdomain(secret), path + ".secretName", secret, errors);
      }
    }
  }

  private static boolean hasWrongSecret(JsonNode spec) {
    for (JsonNode entry : spec.path("tls")) {
      String secret = Json.text(entry, "secretName");
      if (!secret.isEmpty() && Names.subdomain(secret).isPresent()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>();
    int index = 0;
    for (JsonNode entry : Json.at(object, "status", "loadBalancer", "ingress")) {
      String path = "status.loadBalancer.ingress[" + index++ + "]";
      String address = Json.text(entry, "ip");
      if (!address.isEmpty() && !IpAddress.isAddress(address)) {
        errors.add(FieldError.invalid(path + ".ip", address, IpAddress.EXPECTED));
      }
      String host = Json.text(entry, "hostname");
      if (!host.isEmpty()) {
        Checks.form(Names.subdomain(host), path + ".hostname", host, errors);
        if (IpAddress.isAddress(host)) {
          errors.add(FieldError.invalid(path + ".hostname", host, HOST_NOT_ADDRESS));
        }
      }
    }
    return errors;
  }
}
