package dev.coxswain.apiserver.kinds.event;

import dev.coxswain.apiserver.registry.Conversion;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Between {@code events.k8s.io/v1} and the core group, in which events are stored. */
public final class EventConversion implements Conversion {
  private static final Map<String, String> STORED_NAMES =
      Map.of(
          "regarding", "involvedObject",
          "note", "message",
          "reportingController", "reportingComponent",
          "deprecatedSource", "source",
          "deprecatedFirstTimestamp", "firstTimestamp",
          "deprecatedLastTimestamp", "lastTimestamp",
          "deprecatedCount", "count");

  @Override
  public void toStored(ObjectNode object) {
    object.put("apiVersion", "v1");
    STORED_NAMES.forEach((served, stored) -> rename(object, served, stored));
  }

  @Override
  public void fromStored(ObjectNode object) {
    object.put("apiVersion", "events.k8s.io/v1");
    STORED_NAMES.forEach((served, stored) -> rename(object, stored, served));
  }

  private static void rename(ObjectNode object, String from, String to) {
    JsonNode value = object.remove(from);
    if (value != null) {
      object.set(to, value);
    }
  }
}
