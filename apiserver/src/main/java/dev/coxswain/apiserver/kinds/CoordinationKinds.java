package dev.coxswain.apiserver.kinds;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.table.Columns;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Leases: who leads, and who is alive. */
final class CoordinationKinds {
  private CoordinationKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    StandardStrategy strategy =
        new StandardStrategy(kinds.schema("Lease"), false, false) {
          @Override
          public boolean mayCreateOnUpdate() {
            return true;
          }

          @Override
          public boolean mayUpdateUnconditionally() {
            // Who holds a lease is settled by who saw its last version.
            return false;
          }

          @Override
          protected void validateInto(ObjectNode object, List<FieldError> errors) {
            var seconds = Json.at(object, "spec", "leaseDurationSeconds");
            if (seconds.isNumber() && seconds.asLong() <= 0) {
              errors.add(
                  FieldError.invalid(
                      "spec.leaseDurationSeconds", seconds, "must be greater than 0"));
            }
            Checks.nonNegative(object.path("spec"), "leaseTransitions", "spec", errors);
          }
        };
    return List.of(
        kinds
            .declare("Lease", strategy)
            .columns(
                Columns.named(
                    Columns.text(
                        "Holder", "Who holds it.", l -> Json.text(l, "spec", "holderIdentity")),
                    Columns.age()))
            .build());
  }
}
