package dev.coxswain.apiserver.kinds.common;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.apiserver.registry.FieldError;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Checks that many kinds share; each adds what it finds. The texts are upstream's. */
public final class Checks {
  /** Greatest port number. */
  public static final int MAXIMUM_PORT = 65535;

  /** Most annotations of one object, in bytes. */
  private static final int MAXIMUM_ANNOTATIONS = 256 << 10;

  /** What a port may speak. */
  public static final Set<String> PROTOCOLS = Set.of("SCTP", "TCP", "UDP");

  /** What is said of a number that should be a port. */
  public static final String PORT_RANGE = "must be between 1 and 65535, inclusive";

  private static final Pattern PORT_NAME = Pattern.compile("[-a-z0-9]+");

  /** What may stand behind a domain: the characters of a URL's path. */
  private static final Pattern URL_PATH = Pattern.compile("[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+");

  private static final int MAXIMUM_PORT_NAME = 15;
  private static final String IMMUTABLE = "field is immutable";

  private Checks() {}

  /** The text must be there. Returns whether it is. */
  public static boolean required(
      JsonNode node, String field, String path, List<FieldError> errors) {
    if (Defaults.isUnset(node.path(field))) {
      errors.add(FieldError.required(path + "." + field, ""));
      return false;
    }
    return true;
  }

  /** The number, where it is given, must not be negative. */
  public static void nonNegative(
      JsonNode node, String field, String path, List<FieldError> errors) {
    JsonNode value = node.path(field);
    if (value.isIntegralNumber() && value.asLong() < 0) {
      errors.add(
          FieldError.invalid(path + "." + field, value, "must be greater than or equal to 0"));
    }
  }

  /** The number, where it is given, must lie within bounds. */
  public static void range(
      JsonNode node, String field, long low, long high, String path, List<FieldError> errors) {
    JsonNode value = node.path(field);
    if (value.isIntegralNumber() && (value.asLong() < low || value.asLong() > high)) {
      errors.add(
          FieldError.invalid(
              path + "." + field,
              value,
              "must be between " + low + " and " + high + ", inclusive"));
    }
  }

  /** Adds an error where a form is not kept. */
  public static void form(
      Optional<String> problem, String path, Object value, List<FieldError> errors) {
    problem.ifPresent(wrong -> errors.add(FieldError.invalid(path, value, wrong)));
  }

  /** The name of a driver, of storage or of devices, which must be given. */
  public static void driverName(String name, String path, List<FieldError> errors) {
    if (name.isEmpty()) {
      errors.add(FieldError.required(path, ""));
      return;
    }
    if (name.length() > Names.MAXIMUM_LABEL) {
      errors.add(FieldError.tooLong(path, Names.MAXIMUM_LABEL));
    }
    form(Names.subdomain(name.toLowerCase(Locale.ROOT)), path, name, errors);
  }

  /** A field that may not change. Returns whether it did not. */
  public static boolean immutable(
      JsonNode now, JsonNode before, String path, List<FieldError> errors) {
    if (Json.same(now, before)) {
      return true;
    }
    Object shown = now.isMissingNode() ? "null" : now.isString() ? now.asString() : now;
    errors.add(FieldError.invalid(path, shown, IMMUTABLE));
    return false;
  }

  /** A text that stands between the slashes of a URL's path, where it is given. */
  public static void pathSegment(
      JsonNode node, String field, String path, List<FieldError> errors) {
    String value = Json.text(node, field);
    form(Names.pathSegment(value), path + "." + field, value, errors);
  }

  /** A name that a domain stands before: {@code example.com/name}. */
  public static void domainPrefixedPath(String value, String field, List<FieldError> errors) {
    int slash = value.indexOf('/');
    if (slash <= 0 || slash == value.length() - 1) {
      errors.add(
          FieldError.invalid(
              field, value, "must be a domain-prefixed path (such as \"acme.io/foo\")"));
      return;
    }
    String domain = value.substring(0, slash);
    String path = value.substring(slash + 1);
    form(Names.subdomain(domain), field, domain, errors);
    if (!URL_PATH.matcher(path).matches()) {
      errors.add(
          FieldError.invalid(
              field, path, "Invalid path (regex used for validation is '" + URL_PATH + "')"));
    }
  }

  /** A port: a number, or a name. */
  public static void port(JsonNode port, String path, List<FieldError> errors) {
    if (port.isIntegralNumber()) {
      portNumber(port, path, errors);
    } else if (port.isString()) {
      portName(port.asString(), path, errors);
    } else {
      errors.add(FieldError.required(path, ""));
    }
  }

  /** A port number. */
  public static void portNumber(JsonNode port, String path, List<FieldError> errors) {
    if (port.asLong(0) < 1 || port.asLong(0) > MAXIMUM_PORT) {
      errors.add(FieldError.invalid(path, port, PORT_RANGE));
    }
  }

  /** A port's name, by IANA's rules. */
  public static void portName(String name, String path, List<FieldError> errors) {
    if (name.length() > MAXIMUM_PORT_NAME) {
      errors.add(FieldError.invalid(path, name, "must be no more than 15 characters"));
    }
    if (!PORT_NAME.matcher(name).matches()) {
      errors.add(
          FieldError.invalid(
              path,
              name,
              "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"));
    } else if (name.chars().noneMatch(c -> c >= 'a' && c <= 'z')) {
      errors.add(FieldError.invalid(path, name, "must contain at least one letter (a-z)"));
    } else if (name.contains("--")) {
      errors.add(FieldError.invalid(path, name, "must not contain consecutive hyphens"));
    } else if (name.startsWith("-") || name.endsWith("-")) {
      errors.add(FieldError.invalid(path, name, "must not begin or end with a hyphen"));
    }
  }

  /** Labels' names and values. */
  public static void labels(JsonNode labels, String path, List<FieldError> errors) {
    for (Map.Entry<String, JsonNode> label : labels.properties()) {
      String value = label.getValue().asString("");
      form(Names.qualifiedName(label.getKey()), path, label.getKey(), errors);
      form(Names.labelValue(value), path, value, errors);
    }
  }

  /** Annotations' names, and how much there is of them. */
  public static void annotations(JsonNode annotations, String path, List<FieldError> errors) {
    long bytes = 0;
    for (Map.Entry<String, JsonNode> annotation : annotations.properties()) {
      String name = annotation.getKey();
      form(Names.qualifiedName(name.toLowerCase(Locale.ROOT)), path, name, errors);
      bytes += utf8(name) + utf8(annotation.getValue().asString(""));
    }
    if (bytes > MAXIMUM_ANNOTATIONS) {
      errors.add(FieldError.tooLong(path, MAXIMUM_ANNOTATIONS));
    }
  }

  private static int utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** A label selector object. */
  public static void selector(JsonNode selector, String path, List<FieldError> errors) {
    labels(selector.path("matchLabels"), path + ".matchLabels", errors);
    int index = 0;
    for (JsonNode expression : selector.path("matchExpressions")) {
      expression(expression, path + ".matchExpressions[" + index++ + "]", errors);
    }
  }

  private static void expression(JsonNode expression, String path, List<FieldError> errors) {
    String operator = expression.path("operator").asString("");
    boolean values = !expression.path("values").isEmpty();
    switch (operator) {
      case "In", "NotIn" -> {
        if (!values) {
          errors.add(
              FieldError.required(
                  path + ".values", "must be specified when `operator` is 'In' or 'NotIn'"));
        }
      }
      case "Exists", "DoesNotExist" -> {
        if (values) {
          errors.add(
              FieldError.forbidden(
                  path + ".values",
                  "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
        }
      }
      default ->
          errors.add(
              FieldError.invalid(path + ".operator", operator, "not a valid selector operator"));
    }
    String key = expression.path("key").asString("");
    form(Names.qualifiedName(key), path + ".key", key, errors);
    int index = 0;
    for (JsonNode value : expression.path("values")) {
      String text = value.asString("");
      form(Names.labelValue(text), path + ".values[" + index++ + "]", text, errors);
    }
  }

  /** Whether a selector object, already checked, selects these labels. */
  public static boolean selects(JsonNode selector, JsonNode labels) {
    try {
      return LabelSelector.of(selector).matchesNode(labels);
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }

  /** One of a closed set; an empty text is not. */
  public static void oneOf(
      JsonNode node, String field, Set<String> allowed, String path, List<FieldError> errors) {
    String value = node.path(field).asString("");
    if (value.isEmpty()) {
      errors.add(FieldError.required(path + "." + field, ""));
    } else if (!allowed.contains(value)) {
      errors.add(FieldError.notSupported(path + "." + field, value, allowed));
    }
  }
}
