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
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Priorities of pods. */
final class SchedulingKinds {
  /** What users' classes are worth at most: what the system itself runs on comes before. */
  private static final long HIGHEST = 1_000_000_000;

  private static final String SYSTEM = "system-";

  /** The system's own classes, and what they are worth. */
  private static final Map<String, Long> OF_THE_SYSTEM =
      Map.of("system-cluster-critical", 2 * HIGHEST, "system-node-critical", 2 * HIGHEST + 1000);

  private SchedulingKinds() {}

  private static StandardStrategy strategy(Kinds kinds) {
    return new StandardStrategy(kinds.schema("PriorityClass"), false, true) {
      @Override
      public void fillDefaults(ObjectNode object) {
        Defaults.text(object, "preemptionPolicy", "PreemptLowerPriority");
      }

      @Override
      protected void validateInto(ObjectNode object, List<FieldError> errors) {
        String name = Json.text(object, "metadata", "name");
        if (name.startsWith(SYSTEM)) {
          ofTheSystem(name, object, errors);
        } else if (Json.number(object, 0, "value") > HIGHEST) {
          errors.add(
              FieldError.forbidden(
                  "value", "maximum allowed value of a user defined priority is " + HIGHEST));
        }
      }

      @Override
      protected void validateChangeInto(
          ObjectNode object, ObjectNode old, List<FieldError> errors) {
        if (Json.number(object, 0, "value") != Json.number(old, 0, "value")) {
          errors.add(FieldError.forbidden("value", "may not be changed in an update."));
        }
        Checks.immutable(
            object.path("preemptionPolicy"),
            old.path("preemptionPolicy"),
            "preemptionPolicy",
            errors);
      }
    };
  }

  private static void ofTheSystem(String name, ObjectNode object, List<FieldError> errors) {
    Long value = OF_THE_SYSTEM.get(name);
    String wrong = "";
    if (value == null) {
      wrong = name + " is not a known system priority class";
    } else if (Json.number(object, 0, "value") != value) {
      wrong = "value of " + name + " PriorityClass must be " + value;
    } else if (Json.flag(object, "globalDefault")) {
      wrong = "globalDefault of " + name + " PriorityClass must be false";
    }
    if (!wrong.isEmpty()) {
      errors.add(
          FieldError.forbidden(
              "metadata.name",
              "priority class names with '"
                  + SYSTEM
                  + "' prefix are reserved for system use only. error: "
                  + wrong));
    }
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
