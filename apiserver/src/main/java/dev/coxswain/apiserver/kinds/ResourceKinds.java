package dev.coxswain.apiserver.kinds;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.device.DeviceStrategy;
import dev.coxswain.apiserver.kinds.device.DeviceStrategy.Asks;
import dev.coxswain.apiserver.kinds.device.SliceStrategy;
import dev.coxswain.apiserver.kinds.device.TaintRuleStrategy;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.SelectableFields;
import dev.coxswain.apiserver.table.Columns;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Devices that pods can claim. */
final class ResourceKinds {
  private ResourceKinds() {}

  private static String state(ObjectNode claim) {
    boolean going = Json.at(claim, "metadata", "deletionTimestamp").isString();
    List<String> states = new ArrayList<>();
    if (going) {
      states.add("deleted");
    }
    if (claim.path("status").path("allocation").isObject()) {
      states.add("allocated");
      if (!claim.path("status").path("reservedFor").isEmpty()) {
        states.add("reserved");
      }
    } else if (!going) {
      states.add("pending");
    }
    return String.join(",", states);
  }

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds
            .declare("DeviceClass", new DeviceStrategy(kinds.schema("DeviceClass"), Asks.NOT))
            .plural("deviceclasses")
            .clusterScoped()
            .build(),
        kinds
            .declare("DeviceTaintRule", new TaintRuleStrategy(kinds.schema("DeviceTaintRule")))
            .status()
            .clusterScoped()
            .build(),
        kinds
            .declare(
                "ResourceClaim", new DeviceStrategy(kinds.schema("ResourceClaim"), Asks.ITSELF))
            .columns(
                Columns.named(
                    Columns.text("State", "Whether it has its devices.", ResourceKinds::state),
                    Columns.age()))
            .status()
            .build(),
        kinds
            .declare(
                "ResourceClaimTemplate",
                new DeviceStrategy(kinds.schema("ResourceClaimTemplate"), Asks.FOR_OTHERS))
            .build(),
        kinds
            .declare("ResourceSlice", new SliceStrategy(kinds.schema("ResourceSlice")))
            // A driver follows those of its own on its own node, and a kubelet deletes them.
            .selectableFields(SelectableFields.and("spec.nodeName", "spec.driver"))
            .columns(
                Columns.named(
                    Columns.text("Node", "Where.", s -> Json.text(s, "spec", "nodeName")),
                    Columns.text("Driver", "Whose.", s -> Json.text(s, "spec", "driver")),
                    Columns.text(
                        "Pool", "Of which pool.", s -> Json.text(s, "spec", "pool", "name")),
                    Columns.age()))
            .clusterScoped()
            .build());
  }
}
