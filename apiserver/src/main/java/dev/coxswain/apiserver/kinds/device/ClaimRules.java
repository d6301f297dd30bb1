package dev.coxswain.apiserver.kinds.device;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is asked for in a claim: requests, constraints between them and configuration. The texts are
 * upstream's.
 */
final class ClaimRules {
  /** The most requests, constraints and configurations of a claim, and selectors of a request. */
  private static final int MOST = 32;

  private static final int MOST_ALTERNATIVES = 8;
  private static final int LONGEST_PARAMETERS = 10 * 1024;
  private static final String EXACT = "ExactCount";
  private static final Set<String> MODES = Set.of("All", EXACT);

  private final JsonNode devices;
  private final String path;
  private final List<FieldError> errors;

  /** The names of requests, and of alternatives as {@code request/alternative}. */
  private final Set<String> names = new HashSet<>();

  private ClaimRules(JsonNode devices, String path, List<FieldError> errors) {
    this.devices = devices;
    this.path = path;
    this.errors = errors;
  }

  /** Fills in how many devices of a request are meant. */
  static void fill(JsonNode claim) {
    for (JsonNode request : Json.at(claim, "devices", "requests")) {
      if (request.get("exactly") instanceof ObjectNode exactly) {
        fillRequest(exactly);
      }
      for (JsonNode alternative : request.path("firstAvailable")) {
        if (alternative instanceof ObjectNode given) {
          fillRequest(given);
        }
      }
    }
  }

  private static void fillRequest(ObjectNode request) {
    Defaults.text(request, "allocationMode", EXACT);
    if (Json.text(request, "allocationMode").equals(EXACT)) {
      Defaults.positive(request, "count", 1);
    }
    for (JsonNode toleration : request.path("tolerations")) {
      if (toleration instanceof ObjectNode given) {
        Defaults.text(given, "operator", "Equal");
      }
    }
  }

  /**
   * Adds what is wrong with a claim's wishes.
   *
   * @param claim the spec that has {@code devices}
   */
  static void check(JsonNode claim, String path, List<FieldError> errors) {
    new ClaimRules(claim.path("devices"), path + ".devices", errors).check();
  }

  private void check() {
    limit(devices.path("requests"), path + ".requests", MOST);
    int index = 0;
    for (JsonNode request : devices.path("requests")) {
      request(request, path + ".requests[" + index++ + "]");
    }
    limit(devices.path("constraints"), path + ".constraints", MOST);
    index = 0;
    for (JsonNode constraint : devices.path("constraints")) {
      constraint(constraint, path + ".constraints[" + index++ + "]");
    }
    limit(devices.path("config"), path + ".config", MOST);
    index = 0;
    for (JsonNode config : devices.path("config")) {
      config(config, path + ".config[" + index++ + "]");
    }
  }

  private void limit(JsonNode list, String at, int most) {
    if (list.size() > most) {
      errors.add(FieldError.tooMany(at, list.size(), most));
    }
  }

  private void request(JsonNode request, String at) {
    String name = Json.text(request, "name");
    name(name, name, at);
    boolean exactly = request.path("exactly").isObject();
    JsonNode alternatives = request.path("firstAvailable");
    if (exactly && !alternatives.isEmpty()) {
      errors.add(
          FieldError.invalid(
              at,
              "null",
              "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are"
                  + " set"));
    } else if (exactly) {
      wish(request.path("exactly"), at + ".exactly");
    } else if (alternatives.isEmpty()) {
      errors.add(
          FieldError.required(at, "exactly one of `exactly` or `firstAvailable` is required"));
    } else {
      limit(alternatives, at + ".firstAvailable", MOST_ALTERNATIVES);
      int index = 0;
      for (JsonNode alternative : alternatives) {
        String place = at + ".firstAvailable[" + index++ + "]";
        String own = Json.text(alternative, "name");
        name(own, name + "/" + own, place);
        wish(alternative, place);
      }
    }
  }

  /** The rules of a claim that was checked before, for what refers to its requests. */
  static ClaimRules named(JsonNode claim, List<FieldError> errors) {
    ClaimRules rules = new ClaimRules(claim.path("devices"), "", errors);
    for (JsonNode request : claim.path("devices").path("requests")) {
      String name = Json.text(request, "name");
      rules.names.add(name);
      for (JsonNode alternative : request.path("firstAvailable")) {
        rules.names.add(name + "/" + Json.text(alternative, "name"));
      }
    }
    return rules;
  }

  private void name(String name, String full, String at) {
    Checks.form(Names.label(name), at + ".name", name, errors);
    if (!names.add(full)) {
      errors.add(FieldError.duplicate(at, name));
    }
  }

  private void wish(JsonNode wish, String at) {
    String type = Json.text(wish, "deviceClassName");
    if (type.isEmpty()) {
      errors.add(FieldError.required(at + ".deviceClassName", ""));
    } else {
      Checks.form(Names.subdomain(type), at + ".deviceClassName", type, errors);
    }
    limit(wish.path("selectors"), at + ".selectors", MOST);
    DeviceRules.tolerations(wish, at, errors);
    String mode = Json.text(wish, "allocationMode");
    JsonNode count = wish.path("count");
    if (!MODES.contains(mode)) {
      errors.add(FieldError.notSupported(at + ".allocationMode", mode, MODES));
    } else if (mode.equals(EXACT) && count.asLong(0) <= 0) {
      errors.add(FieldError.invalid(at + ".count", count, "must be greater than zero"));
    } else if (!mode.equals(EXACT) && count.asLong(0) != 0) {
      errors.add(
          FieldError.invalid(
              at + ".count", count, "must not be specified when allocationMode is 'All'"));
    }
  }

  /** The requests that something is about; none for all. */
  void references(JsonNode holder, String at) {
    JsonNode requests = holder.path("requests");
    limit(requests, at + ".requests", MOST);
    Set<String> seen = new HashSet<>();
    int index = 0;
    for (JsonNode request : requests) {
      String place = at + ".requests[" + index++ + "]";
      String name = request.asString("");
      reference(name, place);
      if (!seen.add(name)) {
        errors.add(FieldError.duplicate(place, name));
      }
    }
  }

  /** A request, or one of its alternatives. */
  void reference(String name, String at) {
    if (!names.contains(name)) {
      errors.add(
          FieldError.invalid(
              at,
              name,
              "must be the name of a request in the claim or the name of a request and a"
                  + " subrequest separated by '/'"));
    }
  }

  private void constraint(JsonNode constraint, String at) {
    references(constraint, at);
    String attribute = Json.text(constraint, "matchAttribute");
    String distinct = Json.text(constraint, "distinctAttribute");
    if (!attribute.isEmpty()) {
      DeviceRules.fullyQualifiedName(attribute, at + ".matchAttribute", errors);
    } else if (!distinct.isEmpty()) {
      DeviceRules.fullyQualifiedName(distinct, at + ".distinctAttribute", errors);
    } else {
      errors.add(FieldError.required(at + ".matchAttribute", ""));
    }
  }

  private void config(JsonNode config, String at) {
    references(config, at);
    configuration(config, at, errors);
  }

  /** A driver's own configuration, of a claim's or of a class's. */
  static void configuration(JsonNode config, String at, List<FieldError> errors) {
    JsonNode opaque = config.path("opaque");
    if (!opaque.isObject()) {
      errors.add(FieldError.required(at + ".opaque", ""));
      return;
    }
    Checks.driverName(Json.text(opaque, "driver"), at + ".opaque.driver", errors);
    parameters(opaque, "parameters", at + ".opaque", errors);
  }

  /** An object whose shape its driver knows alone. */
  static void parameters(JsonNode holder, String field, String at, List<FieldError> errors) {
    JsonNode parameters = holder.path(field);
    if (Defaults.isUnset(parameters)) {
      errors.add(FieldError.required(at + "." + field, ""));
    } else if (parameters.toString().length() > LONGEST_PARAMETERS) {
      errors.add(FieldError.tooLong(at + "." + field, LONGEST_PARAMETERS));
    } else if (!parameters.isObject()) {
      errors.add(
          FieldError.invalid(at + "." + field, "<value omitted>", "must be a valid JSON object"));
    }
  }
}
