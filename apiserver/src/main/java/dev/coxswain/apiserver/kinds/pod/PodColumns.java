package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.Column;
import dev.coxswain.apiserver.table.Columns;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The columns of pods. */
public final class PodColumns {
  private PodColumns() {}

  /** The columns, wide ones last. */
  public static List<Column> columns() {
    return Columns.named(
        Columns.text(
            "Ready",
            "How many containers are ready, of how many.",
            pod -> new PodSummary(pod).ready()),
        Columns.text(
            "Status", "What the pod is doing, in a word.", pod -> new PodSummary(pod).reason()),
        new Column(
            "Restarts",
            "string",
            "",
            "How often containers were restarted, and how long ago the last time was.",
            0,
            (pod, now) -> new PodSummary(pod).restarts(now)),
        Columns.age(),
        Columns.wide("IP", "The pod's address.", PodColumns::address),
        Columns.wide(
            "Node", "Where the pod runs.", pod -> Columns.textOrNone(pod, "spec", "nodeName")),
        Columns.wide(
            "Nominated Node",
            "Where room is being made for the pod.",
            pod -> Columns.textOrNone(pod, "status", "nominatedNodeName")),
        Columns.wide(
            "Readiness Gates", "How many further conditions hold.", PodColumns::readinessGates));
  }

  private static String address(ObjectNode pod) {
    String first = Json.text(pod.path("status").path("podIPs").path(0), "ip");
    return Columns.orNone(first.isEmpty() ? Json.text(pod, "status", "podIP") : first);
  }

  private static String readinessGates(ObjectNode pod) {
    JsonNode gates = pod.path("spec").path("readinessGates");
    if (gates.isEmpty()) {
      return Columns.orNone("");
    }
    int holding = 0;
    for (JsonNode gate : gates) {
      for (JsonNode condition : pod.path("status").path("conditions")) {
        boolean meant = Json.text(condition, "type").equals(Json.text(gate, "conditionType"));
        if (meant && Json.text(condition, "status").equals("True")) {
          holding++;
        }
      }
    }
    return holding + "/" + gates.size();
  }
}
