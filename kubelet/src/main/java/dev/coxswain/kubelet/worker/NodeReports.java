package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriLabels;
import dev.coxswain.kubelet.node.MachineUsage;
import dev.coxswain.kubelet.pod.ContainerView;
import dev.coxswain.proto.cri.ContainerStats;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The node's resource use, as {@code /stats/summary} and {@code /metrics} tell it. */
public final class NodeReports {
  private static final Logger LOG = LoggerFactory.getLogger(NodeReports.class);
  private static final JsonMapper JSON = new JsonMapper();

  private final String node;
  private final ContainerRuntime runtime;
  private final Time time;
  private final Instant startedAt;

  /** Reports on a node. */
  public NodeReports(String node, ContainerRuntime runtime, Time time) {
    this.node = node;
    this.runtime = runtime;
    this.time = time;
    this.startedAt = time.now();
  }

  byte[] statsSummary(List<PodWorker> pods) {
    Map<String, Map<String, ContainerStats>> stats = byPodAndContainer();
    ObjectNode root = JSON.createObjectNode();
    ObjectNode whole = root.putObject("node");
    whole.put("nodeName", node).put("startTime", startedAt.toString());
    machine(whole);
    ArrayNode list = root.putArray("pods");
    for (PodWorker worker : pods) {
      ObjectNode pod = list.addObject();
      pod.putObject("podRef")
          .put("name", worker.pod().getMetadata().getName())
          .put("namespace", worker.pod().getMetadata().getNamespace())
          .put("uid", worker.uid());
      pod.put("startTime", worker.status().getStartTime());
      ArrayNode containers = pod.putArray("containers");
      stats
          .getOrDefault(worker.uid(), Map.of())
          .forEach((name, one) -> describe(containers.addObject(), name, one));
    }
    return JSON.writeValueAsBytes(root);
  }

  /** The machine as a whole; nothing where the kernel does not say. */
  private void machine(ObjectNode whole) {
    try {
      MachineUsage usage = MachineUsage.read();
      String now = time.now().toString();
      whole.putObject("cpu").put("time", now).put("usageCoreNanoSeconds", usage.cpuNanos());
      whole
          .putObject("memory")
          .put("time", now)
          .put("availableBytes", usage.memoryAvailableBytes())
          .put("workingSetBytes", usage.memoryUsedBytes());
    } catch (IOException e) {
      LOG.debug("what the machine uses cannot be read: {}", e.getMessage());
    }
  }

  byte[] metrics(List<PodWorker> pods) {
    StringBuilder text = new StringBuilder();
    text.append("# HELP kubelet_running_pods Number of pods that have a running pod sandbox\n");
    text.append("# TYPE kubelet_running_pods gauge\n");
    long running =
        pods.stream()
            .filter(worker -> worker.sandboxes().stream().anyMatch(one -> one.ready()))
            .count();
    text.append("kubelet_running_pods ").append(running).append('\n');
    text.append("# HELP kubelet_running_containers Number of containers currently running\n");
    text.append("# TYPE kubelet_running_containers gauge\n");
    Map<ContainerView.State, Integer> states = new TreeMap<>();
    for (PodWorker worker : pods) {
      worker.containers().forEach(one -> states.merge(one.state(), 1, Integer::sum));
    }
    states.forEach((state, count) ->
        text.append("kubelet_running_containers{container_state=\"")
            .append(state.name().toLowerCase(java.util.Locale.ROOT))
            .append("\"} ")
            .append(count)
            .append('\n'));
    Runtime jvm = Runtime.getRuntime();
    text.append("# HELP process_start_time_seconds Start time of the process\n");
    text.append("# TYPE process_start_time_seconds gauge\n");
    text.append("process_start_time_seconds ").append(startedAt.getEpochSecond()).append('\n');
    text.append("# HELP jvm_memory_used_bytes Heap in use\n# TYPE jvm_memory_used_bytes gauge\n");
    text.append("jvm_memory_used_bytes{area=\"heap\"} ")
        .append(jvm.totalMemory() - jvm.freeMemory())
        .append('\n');
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void describe(ObjectNode container, String name, ContainerStats stats) {
    container.put("name", name);
    container
        .putObject("cpu")
        .put("time", time.now().toString())
        .put("usageNanoCores", stats.getCpu().getUsageNanoCores().getValue())
        .put("usageCoreNanoSeconds", stats.getCpu().getUsageCoreNanoSeconds().getValue());
    container
        .putObject("memory")
        .put("time", time.now().toString())
        .put("workingSetBytes", stats.getMemory().getWorkingSetBytes().getValue())
        .put("usageBytes", stats.getMemory().getUsageBytes().getValue())
        .put("rssBytes", stats.getMemory().getRssBytes().getValue());
    container
        .putObject("rootfs")
        .put("time", time.now().toString())
        .put("usedBytes", stats.getWritableLayer().getUsedBytes().getValue());
  }

  private Map<String, Map<String, ContainerStats>> byPodAndContainer() {
    Map<String, Map<String, ContainerStats>> result = new HashMap<>();
    for (ContainerStats stats : runtime.listContainerStats()) {
      Map<String, String> labels = stats.getAttributes().getLabelsMap();
      @Nullable String uid = labels.get(CriLabels.POD_UID);
      if (uid != null) {
        result
            .computeIfAbsent(uid, ignored -> new TreeMap<>())
            .put(labels.getOrDefault(CriLabels.CONTAINER_NAME, ""), stats);
      }
    }
    return result;
  }
}
