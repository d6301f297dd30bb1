package dev.coxswain.apiserver.kinds;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.Column;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.table.Columns;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Priorities of pods. */
final class SchedulingKinds {
  private SchedulingKinds() {}

  private static StandardStrategy strategy(Kinds kinds) {
    return new StandardStrategy(kinds.schema("PriorityClass"), false, true) {
      @Override
      public void fillDefaults(ObjectNode object) {
        Defaults.text(object, "preemptionPolicy", "PreemptLowerPriority");
      }

      @Override
      protected void validateChangeInto(
          ObjectNode object, ObjectNode old, List<FieldError> errors) {
        for (String field : List.of("value", "preemptionPolicy")) {
          Checks.immutable(object.path(field), old.path(field), field, errors);
        }
      }
    };
  }

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds
            .declare("PriorityClass", strategy(kinds))
            .columns(
                Columns.named(
                    Columns.number("Value", "The priority of pods.", "value"),
                    new Column(
                        "Global-Default",
                        "boolean",
                        "",
                        "Whether pods without a class get it.",
                        0,
                        (p, _) -> Json.flag(p, "globalDefault")),
                    Columns.age(),
                    Columns.text(
                        "PreemptionPolicy",
                        "Whether its pods push others out.",
                        p -> Json.text(p, "preemptionPolicy"))))
            .plural("priorityclasses")
            .shortNames("pc")
            .clusterScoped()
            .build());
  }
}
