package dev.coxswain.apiserver.kinds.device;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.ConditionRules;
import dev.coxswain.apiserver.kinds.common.NodeSelectorRules;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the status of a claim must be: who uses it, and which devices it was given. */
final class AllocationRules {
  private static final int MOST_USERS = 256;
  private static final int MOST_RESULTS = 32;
  private static final int MOST_CONFIGURATIONS = 64;
  private static final int MOST_CONDITIONS = 8;
  private static final int MOST_ADDRESSES = 16;
  private static final Set<String> SOURCES = Set.of("FromClass", "FromClaim");
  private static final String STATUS = "status";
  private static final String RESERVED = "status.reservedFor";
  private static final String ALLOCATION = "status.allocation";

  private final ObjectNode claim;
  private final ObjectNode old;
  private final List<FieldError> errors;

  private AllocationRules(ObjectNode claim, ObjectNode old, List<FieldError> errors) {
    this.claim = claim;
    this.old = old;
    this.errors = errors;
  }

  /** Adds what is wrong with a new status. */
  static void check(ObjectNode claim, ObjectNode old, List<FieldError> errors) {
    new AllocationRules(claim, old, errors).check();
  }

  private void check() {
    users();
    devices();
    JsonNode allocation = Json.at(claim, STATUS, "allocation");
    JsonNode before = Json.at(old, STATUS, "allocation");
    if (allocation.isObject() && before.isObject()) {
      Checks.immutable(allocation, before, ALLOCATION, errors);
    } else if (allocation.isObject()) {
      allocation(allocation);
    }
  }

  private void users() {
    JsonNode users = Json.at(claim, STATUS, "reservedFor");
    if (!DeviceRules.limited(users, MOST_USERS, RESERVED, errors)) {
      return;
    }
    Set<String> seen = new HashSet<>();
    int index = 0;
    for (JsonNode user : users) {
      String path = RESERVED + "[" + index++ + "]";
      for (String field : List.of("resource", "name", "uid")) {
        Checks.required(user, field, path, errors);
      }
      String uid = Json.text(user, "uid");
      if (!seen.add(uid)) {
        errors.add(FieldError.duplicate(path, uid));
      }
    }
    if (users.isEmpty()) {
      return;
    }
    if (!Json.at(claim, STATUS, "allocation").isObject()) {
      errors.add(
          FieldError.forbidden(RESERVED, "may not be specified when `allocated` is not set"));
    } else if (!Json.text(claim, "metadata", "deletionTimestamp").isEmpty() && added(users)) {
      errors.add(
          FieldError.forbidden(
              RESERVED,
              "new entries may not be added while `deallocationRequested` or `deletionTimestamp`"
                  + " are set"));
    }
  }

  private boolean added(JsonNode users) {
    Set<JsonNode> before = new HashSet<>();
    Json.at(old, STATUS, "reservedFor").forEach(before::add);
    for (JsonNode user : users) {
      if (!before.contains(user)) {
        return true;
      }
    }
    return false;
  }

  private static String id(JsonNode device) {
    String id =
        Json.text(device, "driver")
            + "/"
            + Json.text(device, "pool")
            + "/"
            + Json.text(device, "device");
    String share = Json.text(device, "shareID");
    return share.isEmpty() ? id : id + "/" + share;
  }

  /** What drivers report of the devices. */
  private void devices() {
    Set<String> allocated = new HashSet<>();
    Json.at(claim, STATUS, "allocation", "devices", "results")
        .forEach(result -> allocated.add(id(result)));
    Set<String> seen = new HashSet<>();
    int index = 0;
    for (JsonNode device : Json.at(claim, STATUS, "devices")) {
      String path = "status.devices[" + index++ + "]";
      named(device, path);
      if (!allocated.contains(id(device))) {
        errors.add(
            FieldError.invalid(path, id(device), "must be an allocated device in the claim"));
      }
      JsonNode conditions = device.path("conditions");
      DeviceRules.limited(conditions, MOST_CONDITIONS, path + ".conditions", errors);
      ConditionRules.check(conditions, path + ".conditions", errors);
      if (device.hasNonNull("data")) {
        ClaimRules.parameters(device, "data", path, errors);
      }
      DeviceRules.limited(
          Json.at(device, "networkData", "ips"), MOST_ADDRESSES, path + ".networkData.ips", errors);
      if (!seen.add(id(device))) {
        errors.add(FieldError.duplicate(path, id(device)));
      }
    }
  }

  private void named(JsonNode device, String path) {
    Checks.driverName(Json.text(device, "driver"), path + ".driver", errors);
    DeviceRules.pool(Json.text(device, "pool"), path + ".pool", errors);
    DeviceRules.label(Json.text(device, "device"), path + ".device", errors);
  }

  private void allocation(JsonNode allocation) {
    JsonNode devices = allocation.path("devices");
    ClaimRules names = ClaimRules.named(claim.path("spec"), errors);
    String results = ALLOCATION + ".devices.results";
    if (DeviceRules.limited(devices.path("results"), MOST_RESULTS, results, errors)) {
      int index = 0;
      for (JsonNode result : devices.path("results")) {
        String path = results + "[" + index++ + "]";
        names.reference(Json.text(result, "request"), path + ".request");
        named(result, path);
        DeviceRules.binding(result, path, errors);
        DeviceRules.tolerations(result, path, errors);
      }
    }
    String configurations = ALLOCATION + ".devices.config";
    if (DeviceRules.limited(devices.path("config"), MOST_CONFIGURATIONS, configurations, errors)) {
      int index = 0;
      for (JsonNode config : devices.path("config")) {
        String path = configurations + "[" + index++ + "]";
        Checks.oneOf(config, "source", SOURCES, path, errors);
        names.references(config, path);
        ClaimRules.configuration(config, path, errors);
      }
    }
    if (allocation.path("nodeSelector").isObject()) {
      NodeSelectorRules.check(
          allocation.path("nodeSelector"), ALLOCATION + ".nodeSelector", errors);
    }
  }
}
