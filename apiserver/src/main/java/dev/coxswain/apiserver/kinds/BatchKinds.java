package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.SelectableFields;
import java.util.List;

/** Work that ends. */
final class BatchKinds {
  private BatchKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds.generationalWithStatus("CronJob").shortNames("cj").categories("all").build(),
        kinds
            .generationalWithStatus("Job")
            .categories("all")
            .selectableFields(SelectableFields.and("status.successful"))
            .build());
  }
}
