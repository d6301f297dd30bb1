package dev.coxswain.apiserver.kinds.device;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.NodeSelectorRules;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of ResourceSlice: what a driver says of the devices of a pool. */
public final class SliceStrategy extends StandardStrategy {
  private static final int MOST_DEVICES = 128;
  private static final int MOST_COUNTER_SETS = 8;
  private static final int MOST_COUNTERS = 32;
  private static final int MOST_ATTRIBUTES = 32;
  private static final int MOST_TAINTS = 16;
  private static final int LONGEST_VALUE = 64;
  private static final String IDENTIFIER = "(0|[1-9]\\d*)";
  private static final String EARLY = "(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)";
  private static final String BUILD = "[0-9a-zA-Z-]+";
  private static final Pattern VERSION =
      Pattern.compile(
          IDENTIFIER
              + "\\."
              + IDENTIFIER
              + "\\."
              + IDENTIFIER
              + "(-"
              + EARLY
              + "(\\."
              + EARLY
              + ")*)?(\\+"
              + BUILD
              + "(\\."
              + BUILD
              + ")*)?");
  private static final List<String> PLACES =
      List.of("nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection");
  private static final List<String> DEVICE_PLACES = PLACES.subList(0, 3);

  /** Rules for objects of this shape. */
  public SliceStrategy(Schema schema) {
    super(schema, false, true);
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode spec = object.path("spec");
    Checks.driverName(Json.text(spec, "driver"), "spec.driver", errors);
    pool(spec.path("pool"), errors);
    List<String> given = places(spec, PLACES, "spec", errors);
    String only =
        "exactly one of `nodeName`, `nodeSelector`, `allNodes`,"
            + " `perDeviceNodeSelection` is required";
    if (given.isEmpty()) {
      errors.add(FieldError.required("spec", only));
    } else if (given.size() > 1) {
      errors.add(FieldError.invalid("spec", shown(given), only + ", but multiple fields are set"));
    }
    JsonNode terms = Json.at(spec, "nodeSelector", "nodeSelectorTerms");
    if (spec.has("nodeSelector") && terms.size() != 1) {
      errors.add(
          FieldError.invalid(
              "spec.nodeSelector.nodeSelectorTerms",
              terms.isMissingNode() ? "null" : terms,
              "must have exactly one node selector term"));
    }
    devices(spec, errors);
    JsonNode sets = spec.path("sharedCounters");
    if (DeviceRules.limited(sets, MOST_COUNTER_SETS, "spec.sharedCounters", errors)) {
      counters(sets, "name", "spec.sharedCounters", errors);
    }
  }

  private static void pool(JsonNode pool, List<FieldError> errors) {
    DeviceRules.pool(Json.text(pool, "name"), "spec.pool.name", errors);
    long count = Json.number(pool, 0, "resourceSliceCount");
    if (count <= 0) {
      errors.add(
          FieldError.invalid("spec.pool.resourceSliceCount", count, "must be greater than zero"));
    }
    long generation = Json.number(pool, 0, "generation");
    if (generation < 0) {
      errors.add(
          FieldError.invalid(
              "spec.pool.generation", generation, "must be greater than or equal to zero"));
    }
  }

  /** Which of the fields say where devices are; what is wrong with each is added. */
  private static List<String> places(
      JsonNode holder, List<String> fields, String path, List<FieldError> errors) {
    List<String> given = new ArrayList<>();
    for (String field : fields) {
      JsonNode value = holder.path(field);
      String place = path + "." + field;
      if (value.isMissingNode() || value.isNull()) {
        continue;
      }
      if (value.isString() && value.asString().isEmpty()) {
        errors.add(
            FieldError.invalid(
                place,
                "",
                path.equals("spec")
                    ? "must be either unset or set to a non-empty string"
                    : "must not be empty"));
      } else if (value.isBoolean() && !value.asBoolean()) {
        errors.add(FieldError.invalid(place, value, "must be either unset or set to true"));
      } else {
        given.add("`" + field + "`");
      }
      if (value.isObject()) {
        NodeSelectorRules.check(value, place, errors);
      } else if (value.isString() && !value.asString().isEmpty()) {
        Checks.form(Names.subdomain(value.asString()), place, value.asString(), errors);
      }
    }
    return given;
  }

  private static String shown(List<String> fields) {
    return "{" + String.join(", ", fields) + "}";
  }

  private static void devices(JsonNode spec, List<FieldError> errors) {
    JsonNode devices = spec.path("devices");
    if (!DeviceRules.limited(devices, MOST_DEVICES, "spec.devices", errors)) {
      return;
    }
    Set<String> names = new HashSet<>();
    int index = 0;
    for (JsonNode device : devices) {
      String path = "spec.devices[" + index++ + "]";
      String name = Json.text(device, "name");
      DeviceRules.label(name, path + ".name", errors);
      device(device, path, errors);
      devicePlaces(device, Json.flag(spec, "perDeviceNodeSelection"), path, errors);
      if (!names.add(name)) {
        errors.add(FieldError.duplicate(path, name));
      }
    }
  }

  private static void device(JsonNode device, String path, List<FieldError> errors) {
    int facts = device.path("attributes").size() + device.path("capacity").size();
    if (facts > MOST_ATTRIBUTES) {
      errors.add(
          FieldError.invalid(
              path,
              facts,
              "the total number of attributes and capacities must not exceed " + MOST_ATTRIBUTES));
    }
    for (Map.Entry<String, JsonNode> one : device.path("attributes").properties()) {
      DeviceRules.qualifiedName(one.getKey(), path + ".attributes", errors);
      attribute(one.getValue(), path + ".attributes[" + one.getKey() + "]", errors);
    }
    for (Map.Entry<String, JsonNode> one : device.path("capacity").properties()) {
      DeviceRules.qualifiedName(one.getKey(), path + ".capacity", errors);
      if (one.getValue().has("requestPolicy") && !Json.flag(device, "allowMultipleAllocations")) {
        errors.add(
            FieldError.forbidden(
                path + ".capacity[" + one.getKey() + "].requestPolicy",
                "allowMultipleAllocations must be true"));
      }
    }
    if (DeviceRules.limited(device.path("taints"), MOST_TAINTS, path + ".taints", errors)) {
      int index = 0;
      for (JsonNode taint : device.path("taints")) {
        DeviceRules.taint(taint, path + ".taints[" + index++ + "]", errors);
      }
    }
    JsonNode used = device.path("consumesCounters");
    if (DeviceRules.limited(used, MOST_COUNTERS, path + ".consumesCounters", errors)) {
      counters(used, "counterSet", path + ".consumesCounters", errors);
    }
    DeviceRules.binding(device, path, errors);
  }

  private static void attribute(JsonNode attribute, String path, List<FieldError> errors) {
    if (attribute.size() != 1) {
      errors.add(
          FieldError.invalid(
              path, attribute.isEmpty() ? "" : attribute, "exactly one value must be specified"));
    }
    for (String field : List.of("string", "version")) {
      String value = Json.text(attribute, field);
      if (field.equals("version") && attribute.has(field) && !VERSION.matcher(value).matches()) {
        errors.add(
            FieldError.invalid(
                path + ".version",
                value,
                "must be a string compatible with semver.org spec 2.0.0"));
      }
      if (value.length() > LONGEST_VALUE) {
        errors.add(FieldError.tooLong(path + "." + field, LONGEST_VALUE));
      }
    }
  }

  /** Named sets of counters, those that there are or those that a device uses up. */
  private static void counters(JsonNode sets, String naming, String path, List<FieldError> errors) {
    Set<String> names = new HashSet<>();
    int index = 0;
    for (JsonNode set : sets) {
      String place = path + "[" + index++ + "]";
      String name = Json.text(set, naming);
      if (Checks.required(set, naming, place, errors)) {
        DeviceRules.label(name, place + "." + naming, errors);
      }
      JsonNode counters = set.path("counters");
      if (counters.isEmpty()) {
        errors.add(FieldError.required(place + ".counters", ""));
      } else if (DeviceRules.limited(counters, MOST_COUNTERS, place + ".counters", errors)) {
        for (String counter : counters.propertyNames()) {
          DeviceRules.label(counter, place + ".counters", errors);
        }
      }
      if (!names.add(name)) {
        errors.add(FieldError.duplicate(place, name));
      }
    }
  }

  private static void devicePlaces(
      JsonNode device, boolean wanted, String path, List<FieldError> errors) {
    if (!wanted) {
      if (DEVICE_PLACES.stream().anyMatch(device::has)) {
        errors.add(
            FieldError.invalid(
                path,
                "null",
                "`nodeName`, `nodeSelector` and `allNodes` can only be set if"
                    + " `perDeviceNodeSelection` is set to true in the ResourceSlice spec"));
      }
      return;
    }
    List<String> given = places(device, DEVICE_PLACES, path, errors);
    String only =
        "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when"
            + " `perDeviceNodeSelection` is set to true in the ResourceSlice spec";
    if (given.isEmpty()) {
      errors.add(FieldError.required(path, only));
    } else if (given.size() > 1) {
      errors.add(FieldError.invalid(path, shown(given), only));
    }
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    for (List<String> field :
        List.of(List.of("pool", "name"), List.of("driver"), List.of("nodeName"))) {
      String[] path = field.toArray(String[]::new);
      Checks.immutable(
          Json.at(object.path("spec"), path),
          Json.at(old.path("spec"), path),
          "spec." + String.join(".", path),
          errors);
    }
  }
}
