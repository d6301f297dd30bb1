package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.table.Ages;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One line about a pod's state, derived from its containers' as kubectl's users know it. */
final class PodSummary {
  private final ObjectNode pod;
  private final JsonNode status;
  private String reason;
  private int ready;
  private int total;
  private int restarts;
  private @Nullable Instant lastRestart;

  PodSummary(ObjectNode pod) {
    this.pod = pod;
    this.status = pod.path("status");
    this.reason = Json.text(status, "phase");
    summarize();
  }

  /** {@code 1/2}. */
  String ready() {
    return ready + "/" + total;
  }

  /** {@code Running}, {@code Init:0/1}, {@code CrashLoopBackOff}, {@code Terminating}, … */
  String reason() {
    return reason;
  }

  /** {@code 3 (5m ago)}. */
  String restarts(Instant now) {
    Instant last = lastRestart;
    return restarts == 0 || last == null
        ? Integer.toString(restarts)
        : restarts + " (" + Ages.text(java.time.Duration.between(last, now)) + " ago)";
  }

  private void summarize() {
    if (!Json.text(status, "reason").isEmpty()) {
      reason = Json.text(status, "reason");
    }
    if (condition("PodScheduled", "reason").equals("SchedulingGated")) {
      reason = "SchedulingGated";
    }
    Set<String> sidecars = sidecars();
    total = pod.path("spec").path("containers").size() + sidecars.size();
    int sidecarRestarts = 0;
    Instant sidecarRestart = null;
    for (JsonNode container : status.path("initContainerStatuses")) {
      if (sidecars.contains(Json.text(container, "name"))) {
        sidecarRestarts += container.path("restartCount").asInt(0);
        sidecarRestart = later(sidecarRestart, container);
      }
    }
    boolean initializing = initialize(sidecars);
    if (!initializing || condition("Initialized", "status").equals("True")) {
      restarts = sidecarRestarts;
      lastRestart = sidecarRestart;
      run();
    }
    if (Json.at(pod, "metadata", "deletionTimestamp").isString()) {
      String phase = Json.text(status, "phase");
      if (Json.text(status, "reason").equals("NodeLost")) {
        reason = "Unknown";
      } else if (!phase.equals("Failed") && !phase.equals("Succeeded")) {
        reason = "Terminating";
      }
    }
  }

  /** The init containers that keep running. */
  private Set<String> sidecars() {
    Set<String> names = new HashSet<>();
    for (JsonNode container : pod.path("spec").path("initContainers")) {
      if (Json.text(container, "restartPolicy").equals("Always")) {
        names.add(Json.text(container, "name"));
      }
    }
    return names;
  }

  /** Looks at the init containers up to the first that is not done; says whether there is one. */
  private boolean initialize(Set<String> sidecars) {
    int index = 0;
    for (JsonNode container : status.path("initContainerStatuses")) {
      restarts += container.path("restartCount").asInt(0);
      lastRestart = later(lastRestart, container);
      JsonNode terminated = Json.at(container, "state", "terminated");
      boolean sidecar = sidecars.contains(Json.text(container, "name"));
      boolean succeeded = terminated.isObject() && terminated.path("exitCode").asInt(0) == 0;
      boolean started = sidecar && Json.flag(container, "started");
      if (started && Json.flag(container, "ready")) {
        ready++;
      }
      if (!succeeded && !started) {
        reason = "Init:" + initReason(container, terminated, index);
        return true;
      }
      index++;
    }
    return false;
  }

  private String initReason(JsonNode container, JsonNode terminated, int index) {
    if (terminated.isObject()) {
      return ended(terminated);
    }
    String waiting = Json.text(container, "state", "waiting", "reason");
    return waiting.isEmpty() || waiting.equals("PodInitializing")
        ? index + "/" + pod.path("spec").path("initContainers").size()
        : waiting;
  }

  private static String ended(JsonNode terminated) {
    String given = Json.text(terminated, "reason");
    if (!given.isEmpty()) {
      return given;
    }
    int signal = terminated.path("signal").asInt(0);
    return signal != 0 ? "Signal:" + signal : "ExitCode:" + terminated.path("exitCode").asInt(0);
  }

  private void run() {
    boolean running = false;
    JsonNode containers = status.path("containerStatuses");
    for (int i = containers.size() - 1; i >= 0; i--) {
      JsonNode container = containers.get(i);
      restarts += container.path("restartCount").asInt(0);
      lastRestart = later(lastRestart, container);
      JsonNode state = container.path("state");
      String waiting = Json.text(state, "waiting", "reason");
      if (!waiting.isEmpty()) {
        reason = waiting;
      } else if (state.has("terminated")) {
        reason = ended(state.path("terminated"));
      } else if (Json.flag(container, "ready") && state.has("running")) {
        running = true;
        ready++;
      }
    }
    if (reason.equals("Completed") && running) {
      reason = condition("Ready", "status").equals("True") ? "Running" : "NotReady";
    }
  }

  private String condition(String type, String field) {
    for (JsonNode condition : status.path("conditions")) {
      if (Json.text(condition, "type").equals(type)) {
        return Json.text(condition, field);
      }
    }
    return "";
  }

  private static @Nullable Instant later(@Nullable Instant known, JsonNode container) {
    String text = Json.text(container, "lastState", "terminated", "finishedAt");
    if (text.isEmpty()) {
      return known;
    }
    try {
      Instant finished = Instant.parse(text);
      return known == null || finished.isAfter(known) ? finished : known;
    } catch (DateTimeException malformed) {
      return known;
    }
  }
}
