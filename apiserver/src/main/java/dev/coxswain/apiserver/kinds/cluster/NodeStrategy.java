package dev.coxswain.apiserver.kinds.cluster;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.cel.library.AddressBlock;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of nodes, which register themselves, status and all. */
public final class NodeStrategy extends StandardStrategy {
  private static final Set<String> EFFECTS = Set.of("NoSchedule", "PreferNoSchedule", "NoExecute");

  /** Rules on this shape. */
  public NodeStrategy(Schema schema) {
    super(schema, true, false);
  }

  @Override
  public void prepareForCreate(ObjectNode object) {
    // A kubelet creates its node with what it knows of it, the status included.
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    ObjectNode spec = Json.ensureObject(object, "spec");
    String range = Json.text(spec, "podCIDR");
    if (!range.isEmpty() && spec.path("podCIDRs").isEmpty()) {
      spec.putArray("podCIDRs").add(range);
    } else if (range.isEmpty() && !spec.path("podCIDRs").isEmpty()) {
      spec.set("podCIDR", spec.path("podCIDRs").get(0));
    }
    JsonNode capacity = Json.at(object, "status", "capacity");
    if (capacity.isObject() && Json.at(object, "status", "allocatable").isMissingNode()) {
      Json.ensureObject(object, "status").set("allocatable", capacity.deepCopy());
    }
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    ranges(Json.at(object, "spec", "podCIDRs"), errors);
    Set<String> seen = new HashSet<>();
    int index = 0;
    for (JsonNode taint : object.path("spec").path("taints")) {
      String at = "spec.taints[" + index++ + "]";
      String key = Json.text(taint, "key");
      Checks.form(Names.qualifiedName(key), at + ".key", key, errors);
      String value = Json.text(taint, "value");
      Checks.form(Names.labelValue(value), at + ".value", value, errors);
      Checks.oneOf(taint, "effect", EFFECTS, at, errors);
      if (!seen.add(key + ":" + Json.text(taint, "effect"))) {
        errors.add(
            new FieldError(
                FieldError.Type.DUPLICATE,
                at,
                taint.toString(),
                "taints must be unique by key and effect pair"));
      }
    }
  }

  /** One range of each family, at most. */
  private static void ranges(JsonNode ranges, List<FieldError> errors) {
    int index = 0;
    Set<Boolean> families = new HashSet<>();
    for (JsonNode range : ranges) {
      String text = range.asString("");
      Checks.form(AddressBlock.legacyProblem(text), "spec.podCIDRs[" + index++ + "]", text, errors);
      families.add(text.indexOf(':') < 0);
    }
    if (ranges.size() > families.size()) {
      errors.add(
          FieldError.invalid(
              "spec.podCIDRs", ranges, "may specify no more than one CIDR for each IP family"));
    }
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    JsonNode before = Json.at(old, "spec", "podCIDRs");
    if (!before.isEmpty() && !Json.same(before, Json.at(object, "spec", "podCIDRs"))) {
      errors.add(
          FieldError.forbidden(
              "spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid"));
    }
    String provider = Json.text(old, "spec", "providerID");
    if (!provider.isEmpty() && !provider.equals(Json.text(object, "spec", "providerID"))) {
      errors.add(
          FieldError.forbidden(
              "spec.providerID",
              "node updates may not change providerID except from \"\" to valid"));
    }
  }
}
