package dev.coxswain.apiserver.kinds;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.kinds.pod.PodSpecRules;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.table.Columns;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Runtimes that nodes offer. */
final class NodeKinds {
  private NodeKinds() {}

  /** Which runtime a class means never changes: pods of it may run. */
  private static StandardStrategy strategy(Kinds kinds) {
    return new StandardStrategy(kinds.schema("RuntimeClass"), false, false) {
      @Override
      protected void validateInto(ObjectNode object, List<FieldError> errors) {
        String handler = Json.text(object, "handler");
        Checks.form(Names.label(handler), "handler", handler, errors);
        new PodSpecRules(errors).checkRuntime(object);
      }

      @Override
      protected void validateChangeInto(
          ObjectNode object, ObjectNode old, List<FieldError> errors) {
        Checks.immutable(object.path("handler"), old.path("handler"), "handler", errors);
      }
    };
  }

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds
            .declare("RuntimeClass", strategy(kinds))
            .columns(
                Columns.named(
                    Columns.text("Handler", "Which runtime it is.", r -> Json.text(r, "handler")),
                    Columns.age()))
            .plural("runtimeclasses")
            .clusterScoped()
            .build());
  }
}
