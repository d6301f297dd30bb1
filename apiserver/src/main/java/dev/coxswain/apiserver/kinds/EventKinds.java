package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
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
          "source",
          "type");

  static List<ResourceType> types(Kinds kinds) {
    return List.of(kinds.plain("Event").shortNames("ev").build());
  }
}
