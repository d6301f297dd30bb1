package dev.coxswain.apiserver.kinds;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.table.Columns;
import java.util.List;

/** Runtimes that nodes offer. */
final class NodeKinds {
  private NodeKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds
            .plain("RuntimeClass")
            .columns(
                Columns.named(
                    Columns.text("Handler", "Which runtime it is.", r -> Json.text(r, "handler")),
                    Columns.age()))
            .plural("runtimeclasses")
            .clusterScoped()
            .build());
  }
}
