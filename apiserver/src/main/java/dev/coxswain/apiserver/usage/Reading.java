package dev.coxswain.apiserver.usage;

import dev.coxswain.api.json.Json;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * What a kubelet's {@code /stats/summary} said once.
 *
 * @param node what the node as a whole used; empty where it does not say
 * @param pods what each container used, by the pod's uid and the container's name
 */
record Reading(Optional<Counter> node, Map<String, Map<String, Counter>> pods) {

  /**
   * What something has used since it began.
   *
   * @param at when
   * @param cpuNanos processor time in nanoseconds
   * @param memoryBytes memory that could not be reclaimed at once
   */
  record Counter(Instant at, long cpuNanos, long memoryBytes) {}

  /**
   * Reads the document.
   *
   * @throws RuntimeException where it is none
   */
  static Reading parse(byte[] summary) {
    JsonNode root = Json.parse(new String(summary, java.nio.charset.StandardCharsets.UTF_8));
    var pods = new HashMap<String, Map<String, Counter>>();
    for (JsonNode pod : root.path("pods")) {
      var containers = new TreeMap<String, Counter>();
      for (JsonNode container : pod.path("containers")) {
        counter(container)
            .ifPresent(counter -> containers.put(Json.text(container, "name"), counter));
      }
      pods.put(Json.text(pod, "podRef", "uid"), containers);
    }
    return new Reading(counter(root.path("node")), pods);
  }

  private static Optional<Counter> counter(JsonNode stats) {
    JsonNode cpu = stats.path("cpu").path("usageCoreNanoSeconds");
    JsonNode memory = stats.path("memory").path("workingSetBytes");
    if (!cpu.isNumber() || !memory.isNumber()) {
      return Optional.empty();
    }
    try {
      Instant at = Instant.parse(Json.text(stats, "cpu", "time"));
      return Optional.of(new Counter(at, cpu.asLong(), memory.asLong()));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
