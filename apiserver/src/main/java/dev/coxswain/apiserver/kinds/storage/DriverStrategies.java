package dev.coxswain.apiserver.kinds.storage;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of storage drivers, and of the drivers that a node has. */
public final class DriverStrategies {
  private static final long SHORTEST_TOKEN = 600;
  private static final long LONGEST_TOKEN = 1L << 32;
  private static final int SHORTEST_PERIOD = 10;
  private static final int LONGEST_NODE_ID = 256;

  private DriverStrategies() {}

  /** Of drivers. */
  public static StandardStrategy driver(Schema schema) {
    return new StandardStrategy(schema, false, true) {
      @Override
      public void fillDefaults(ObjectNode object) {
        ObjectNode spec = Json.ensureObject(object, "spec");
        Defaults.flag(spec, "attachRequired", true);
        for (String field :
            List.of("podInfoOnMount", "storageCapacity", "requiresRepublish", "seLinuxMount")) {
          Defaults.flag(spec, field, false);
        }
        Defaults.text(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
        for (JsonNode request : spec.path("tokenRequests")) {
          // No audience is the API server's own.
          if (request instanceof ObjectNode token && !token.hasNonNull("audience")) {
            token.put("audience", "");
          }
        }
        if (spec.path("volumeLifecycleModes").isEmpty()) {
          spec.putArray("volumeLifecycleModes").add("Persistent");
        }
      }

      @Override
      protected void validateInto(ObjectNode object, List<FieldError> errors) {
        JsonNode spec = object.path("spec");
        String policy = spec.path("fsGroupPolicy").asString("");
        Set<String> policies = Set.of("ReadWriteOnceWithFSType", "File", "None");
        if (!policies.contains(policy)) {
          errors.add(FieldError.notSupported("spec.fsGroupPolicy", policy, policies));
        }
        tokens(spec.path("tokenRequests"), errors);
        Set<String> modes = Set.of("Persistent", "Ephemeral");
        for (JsonNode mode : spec.path("volumeLifecycleModes")) {
          if (!modes.contains(mode.asString(""))) {
            errors.add(FieldError.notSupported("spec.volumeLifecycleModes", mode, modes));
          }
        }
        JsonNode period = spec.path("nodeAllocatableUpdatePeriodSeconds");
        if (period.isIntegralNumber() && period.asLong() < SHORTEST_PERIOD) {
          errors.add(
              FieldError.invalid(
                  "spec.nodeAllocatableUpdatePeriodSeconds",
                  period,
                  "must be greater than or equal to " + SHORTEST_PERIOD + " seconds"));
        }
      }

      @Override
      protected void validateChangeInto(
          ObjectNode object, ObjectNode old, List<FieldError> errors) {
        JsonNode spec = object.path("spec");
        JsonNode before = old.path("spec");
        // Upstream's path, which is not quite the field's name.
        Checks.immutable(
            spec.path("attachRequired"),
            before.path("attachRequired"),
            "spec.attachedRequired",
            errors);
        Checks.immutable(
            spec.path("volumeLifecycleModes"),
            before.path("volumeLifecycleModes"),
            "spec.volumeLifecycleModes",
            errors);
      }
    };
  }

  private static void tokens(JsonNode requests, List<FieldError> errors) {
    Set<String> audiences = new HashSet<>();
    for (int i = 0; i < requests.size(); i++) {
      String path = "spec.tokenRequests[" + i + "]";
      String audience = requests.get(i).path("audience").asString("");
      if (!audiences.add(audience)) {
        errors.add(FieldError.duplicate(path + ".audience", audience));
        continue;
      }
      JsonNode seconds = requests.get(i).path("expirationSeconds");
      if (!seconds.isIntegralNumber()) {
        continue;
      }
      if (seconds.asLong() < SHORTEST_TOKEN) {
        errors.add(
            FieldError.invalid(
                path + ".expirationSeconds",
                seconds,
                "may not specify a duration less than 10 minutes"));
      } else if (seconds.asLong() > LONGEST_TOKEN) {
        errors.add(
            FieldError.invalid(
                path + ".expirationSeconds",
                seconds,
                "may not specify a duration larger than 2^32 seconds"));
      }
    }
  }

  /** Of a node's drivers: a driver is itself for as long as it is there, but for what fits. */
  public static StandardStrategy nodeDrivers(Schema schema) {
    return new StandardStrategy(schema, false, false) {
      @Override
      protected void validateInto(ObjectNode object, List<FieldError> errors) {
        Set<String> names = new HashSet<>();
        JsonNode drivers = Json.at(object, "spec", "drivers");
        for (int i = 0; i < drivers.size(); i++) {
          nodeDriver(drivers.get(i), "spec.drivers[" + i + "]", names, errors);
        }
      }

      @Override
      protected void validateChangeInto(
          ObjectNode object, ObjectNode old, List<FieldError> errors) {
        for (JsonNode driver : Json.at(object, "spec", "drivers")) {
          StreamSupport.stream(Json.at(old, "spec", "drivers").spliterator(), false)
              .filter(before -> before.path("name").equals(driver.path("name")))
              .forEach(before ->
                  Checks.immutable(
                      withoutCount(driver), withoutCount(before), "spec.drivers", errors));
        }
      }
    };
  }

  private static JsonNode withoutCount(JsonNode driver) {
    ObjectNode copy = ((ObjectNode) driver).deepCopy();
    copy.remove("allocatable");
    return copy;
  }

  private static void nodeDriver(
      JsonNode driver, String path, Set<String> names, List<FieldError> errors) {
    String name = driver.path("name").asString("");
    Checks.driverName(name, path + ".name", errors);
    String id = driver.path("nodeID").asString("");
    if (id.isEmpty()) {
      errors.add(FieldError.required(path + ".nodeID", ""));
    } else if (id.length() > LONGEST_NODE_ID) {
      errors.add(
          FieldError.invalid(
              path + ".nodeID", id, "must be " + LONGEST_NODE_ID + " characters or less"));
    }
    Checks.nonNegative(driver.path("allocatable"), "count", path + ".allocatable", errors);
    if (!names.add(name)) {
      errors.add(FieldError.duplicate(path + ".name", name));
    }
    Set<String> keys = new HashSet<>();
    for (JsonNode key : driver.path("topologyKeys")) {
      if (!keys.add(key.asString(""))) {
        errors.add(FieldError.duplicate(path, key));
      }
      Checks.form(Names.qualifiedName(key.asString("")), path, key, errors);
    }
  }
}
