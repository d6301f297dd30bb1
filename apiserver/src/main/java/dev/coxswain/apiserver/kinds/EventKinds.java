package dev.coxswain.apiserver.kinds;

import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.event.EventColumns;
import dev.coxswain.apiserver.kinds.event.EventConversion;
import dev.coxswain.apiserver.kinds.event.EventStrategy;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.SelectableFields;
import java.util.List;

/** Events, under the name of their own group; stored with those of the core group. */
final class EventKinds {
  private EventKinds() {}

  /** The fields by which events are selected. */
  static final SelectableFields FIELDS =
      SelectableFields.and(
              "involvedObject.kind",
              "involvedObject.namespace",
              "involvedObject.name",
              "involvedObject.uid",
              "involvedObject.apiVersion",
              "involvedObject.resourceVersion",
              "involvedObject.fieldPath",
              "reason",
              "reportingComponent",
              "type")
          .alias("source", "source.component", "reportingComponent");

  /** The same by the names of the events' own group; an event is stored with the older ones. */
  static final SelectableFields OWN_FIELDS =
      SelectableFields.and("reason", "type")
          .alias("reportingController", "reportingComponent")
          .alias("regarding.kind", "involvedObject.kind")
          .alias("regarding.namespace", "involvedObject.namespace")
          .alias("regarding.name", "involvedObject.name")
          .alias("regarding.uid", "involvedObject.uid")
          .alias("regarding.apiVersion", "involvedObject.apiVersion")
          .alias("regarding.resourceVersion", "involvedObject.resourceVersion")
          .alias("regarding.fieldPath", "involvedObject.fieldPath");

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds
            .declare("Event", new EventStrategy(kinds.schema("Event"), "regarding"))
            .shortNames("ev")
            .columns(EventColumns.own())
            .selectableFields(OWN_FIELDS)
            .storedAs(new GroupVersionKind("", "v1", "Event"), "events", new EventConversion())
            .build());
  }
}
