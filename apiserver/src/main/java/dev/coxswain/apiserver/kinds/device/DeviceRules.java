package dev.coxswain.apiserver.kinds.device;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** How devices are named, tainted and bound, in all kinds that speak of them. */
final class DeviceRules {
  private static final int LONGEST_IDENTIFIER = 32;
  private static final int LONGEST_POOL = 253;
  private static final int MOST_CONDITIONS = 4;
  private static final Set<String> EFFECTS = Set.of("NoExecute", "NoSchedule", "None");
  private static final Set<String> OPERATORS = Set.of("Equal", "Exists");
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private DeviceRules() {}

  /** The name of a driver's pool: subdomains with slashes between them. */
  static void pool(String name, String path, List<FieldError> errors) {
    if (name.isEmpty()) {
      errors.add(FieldError.required(path, ""));
      return;
    }
    if (name.length() > LONGEST_POOL) {
      errors.add(FieldError.tooLong(path, LONGEST_POOL));
    }
    for (String part : name.split("/", -1)) {
      Checks.form(Names.subdomain(part), path, part, errors);
    }
  }

  /** The name of a device, of a request or of a counter. */
  static void label(String name, String path, List<FieldError> errors) {
    Checks.form(Names.label(name), path, name, errors);
  }

  /** The name of an attribute or a capacity, with a domain or without. */
  static void qualifiedName(String name, String path, List<FieldError> errors) {
    String[] parts = name.split("/", -1);
    switch (parts.length) {
      case 1 -> identifier(name, path, errors);
      case 2 -> {
        if (parts[0].isEmpty()) {
          errors.add(FieldError.required(path, "the domain must not be empty"));
        } else {
          Checks.driverName(parts[0], path, errors);
        }
        if (parts[1].isEmpty()) {
          errors.add(FieldError.required(path, "the name must not be empty"));
        } else {
          identifier(parts[1], path, errors);
        }
      }
      default -> errors.add(FieldError.invalid(path, name, "must not contain more than one slash"));
    }
  }

  /** A name that must have a domain. */
  static void fullyQualifiedName(String name, String path, List<FieldError> errors) {
    qualifiedName(name, path, errors);
    if (name.indexOf('/') < 0) {
      errors.add(FieldError.invalid(path, name, "must include a domain"));
    }
  }

  private static void identifier(String name, String path, List<FieldError> errors) {
    if (name.length() > LONGEST_IDENTIFIER) {
      errors.add(FieldError.tooLong(path, LONGEST_IDENTIFIER));
    }
    if (!IDENTIFIER.matcher(name).matches()) {
      errors.add(
          FieldError.invalid(
              path,
              name,
              "a valid C identifier must start with alphabetic character or '_', followed by a"
                  + " string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or"
                  + " 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')"));
    }
  }

  /** A taint. */
  static void taint(JsonNode taint, String path, List<FieldError> errors) {
    String key = Json.text(taint, "key");
    Checks.form(Names.qualifiedName(key), path + ".key", key, errors);
    value(taint, path, errors);
    Checks.oneOf(taint, "effect", EFFECTS, path, errors);
  }

  private static void value(JsonNode holder, String path, List<FieldError> errors) {
    String value = Json.text(holder, "value");
    Checks.form(Names.labelValue(value), path + ".value", value, errors);
  }

  /** The taints that a request bears. */
  static void tolerations(JsonNode holder, String path, List<FieldError> errors) {
    int index = 0;
    for (JsonNode toleration : holder.path("tolerations")) {
      String place = path + ".tolerations[" + index++ + "]";
      String key = Json.text(toleration, "key");
      if (!key.isEmpty()) {
        Checks.form(Names.qualifiedName(key), place + ".key", key, errors);
      }
      String value = Json.text(toleration, "value");
      if (!Json.text(toleration, "operator").equals("Exists")) {
        Checks.oneOf(toleration, "operator", OPERATORS, place, errors);
        value(toleration, place, errors);
      } else if (!value.isEmpty()) {
        errors.add(
            FieldError.invalid(place + ".value", value, "must be empty for operator `Exists`"));
      }
      if (!Json.text(toleration, "effect").isEmpty()) {
        Checks.oneOf(toleration, "effect", EFFECTS, place, errors);
      }
    }
  }

  /** What must hold before a pod is bound to a device, and what must not. */
  static void binding(JsonNode device, String path, List<FieldError> errors) {
    Set<String> wanted = conditions(device, "bindingConditions", path, errors);
    Set<String> unwanted = conditions(device, "bindingFailureConditions", path, errors);
    int index = 0;
    for (JsonNode condition : device.path("bindingFailureConditions")) {
      if (wanted.contains(condition.asString(""))) {
        errors.add(
            FieldError.invalid(
                path + ".bindingFailureConditions[" + index + "]",
                condition,
                "bindingFailureConditions must not overlap with bindingConditions"));
      }
      index++;
    }
    if (wanted.isEmpty() != unwanted.isEmpty()) {
      String missing = wanted.isEmpty() ? "bindingConditions" : "bindingFailureConditions";
      String given = wanted.isEmpty() ? "bindingFailureConditions" : "bindingConditions";
      errors.add(
          FieldError.invalid(
              path + "." + missing, "[]", missing + " are required to use " + given));
    }
  }

  private static Set<String> conditions(
      JsonNode device, String field, String path, List<FieldError> errors) {
    Set<String> names = new HashSet<>();
    JsonNode list = device.path(field);
    if (!limited(list, MOST_CONDITIONS, path + "." + field, errors)) {
      return names;
    }
    int index = 0;
    for (JsonNode condition : list) {
      String place = path + "." + field + "[" + index++ + "]";
      String name = condition.asString("");
      Checks.form(Names.qualifiedName(name), place, name, errors);
      if (!names.add(name)) {
        errors.add(FieldError.duplicate(place, name));
      }
    }
    return names;
  }

  /** Adds an error where a list or a map is too long. Returns whether it is not. */
  static boolean limited(JsonNode list, int most, String path, List<FieldError> errors) {
    if (list.size() <= most) {
      return true;
    }
    errors.add(FieldError.tooMany(path, list.size(), most));
    return false;
  }
}
