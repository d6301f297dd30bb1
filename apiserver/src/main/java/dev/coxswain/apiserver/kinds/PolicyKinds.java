package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.workload.DisruptionBudgetStrategy;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.table.Columns;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Limits to voluntary disruption. */
final class PolicyKinds {
  private PolicyKinds() {}

  private static String orNotApplicable(ObjectNode budget, String field) {
    var value = budget.path("spec").path(field);
    return value.isMissingNode() ? "N/A" : value.asString();
  }

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds
            .declare(
                "PodDisruptionBudget",
                new DisruptionBudgetStrategy(kinds.schema("PodDisruptionBudget")))
            .status()
            .columns(
                Columns.named(
                    Columns.text(
                        "Min Available",
                        "How many pods must stay.",
                        b -> orNotApplicable(b, "minAvailable")),
                    Columns.text(
                        "Max Unavailable",
                        "How many pods may be gone.",
                        b -> orNotApplicable(b, "maxUnavailable")),
                    Columns.number(
                        "Allowed Disruptions",
                        "How many pods may go now.",
                        "status",
                        "disruptionsAllowed"),
                    Columns.age()))
            .shortNames("pdb")
            .build());
  }
}
