package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.runtime.time.Time;
import java.time.temporal.ChronoUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes down when a device was tainted, where nobody says; a new effect is a new taint. */
public final class DeviceTaints implements AdmissionPlugin {
  private static final String GROUP = "resource.k8s.io";

  private final Time time;

  /** Taints are of this clock's now. */
  public DeviceTaints(Time time) {
    this.time = time;
  }

  @Override
  public String name() {
    return "DeviceTaints";
  }

  @Override
  public void mutate(AdmissionRequest request) {
    ObjectNode object = request.object();
    if (object == null) {
      return;
    }
    if (request.isFor(GROUP, "devicetaintrules")) {
      ObjectNode old = request.oldObject();
      JsonNode before = old == null ? Json.object() : Json.at(old, "spec", "taint");
      stamp(Json.at(object, "spec", "taint"), before);
    } else if (request.isFor(GROUP, "resourceslices")) {
      for (JsonNode device : Json.at(object, "spec", "devices")) {
        device.path("taints").forEach(taint -> stamp(taint, Json.object()));
      }
    }
  }

  private void stamp(JsonNode taint, JsonNode before) {
    if (taint instanceof ObjectNode fields) {
      String added = Json.text(fields, "timeAdded");
      boolean another =
          added.equals(Json.text(before, "timeAdded"))
              && !Json.text(fields, "effect").equals(Json.text(before, "effect"));
      if (added.isEmpty() || another) {
        fields.put("timeAdded", time.now().truncatedTo(ChronoUnit.SECONDS).toString());
      }
    }
  }
}
