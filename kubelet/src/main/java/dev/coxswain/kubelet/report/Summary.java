package dev.coxswain.kubelet.report;

import dev.coxswain.kubelet.pressure.Reading;
import dev.coxswain.kubelet.pressure.Signal;
import dev.coxswain.kubelet.usage.ClaimUse;
import dev.coxswain.kubelet.usage.ContainerUse;
import dev.coxswain.kubelet.usage.InterfaceUse;
import dev.coxswain.kubelet.usage.PodUse;
import dev.coxswain.kubelet.usage.TreeSize;
import dev.coxswain.kubelet.usage.VolumeFigures;
import dev.coxswain.proto.cri.ContainerStats;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes the stats summary in upstream's form (kubelet stats v1alpha1). */
final class Summary {
  private static final JsonMapper JSON = new JsonMapper();

  private final Snapshot snapshot;
  private final CpuRates rates;
  private final boolean onlyCpuAndMemory;
  private final String time;

  Summary(Snapshot snapshot, CpuRates rates, boolean onlyCpuAndMemory) {
    this.snapshot = snapshot;
    this.rates = rates;
    this.onlyCpuAndMemory = onlyCpuAndMemory;
    this.time = snapshot.at().toString();
  }

  byte[] write() {
    ObjectNode root = JSON.createObjectNode();
    node(root.putObject("node"));
    ArrayNode pods = root.putArray("pods");
    for (PodUse use : snapshot.pods()) {
      pod(pods.addObject(), use);
    }
    return JSON.writeValueAsBytes(root);
  }

  private void node(ObjectNode node) {
    node.put("nodeName", snapshot.node());
    node.put("startTime", text(snapshot.startedAt()));
    cpu(node, "", snapshot.processorNanos());
    Reading memory = reading(Signal.MEMORY_AVAILABLE);
    ObjectNode shown = node.putObject("memory");
    shown.put("time", time);
    shown.put("availableBytes", memory.available());
    shown.put("usageBytes", memory.capacity() - memory.available());
    shown.put("workingSetBytes", memory.capacity() - memory.available());
    if (onlyCpuAndMemory) {
      return;
    }
    fileSystem(node.putObject("fs"), Signal.NODEFS_AVAILABLE, Signal.NODEFS_INODES_FREE, null);
    fileSystem(
        node.putObject("runtime").putObject("imageFs"),
        Signal.IMAGEFS_AVAILABLE,
        Signal.IMAGEFS_INODES_FREE,
        null);
    Reading processes = reading(Signal.PID_AVAILABLE);
    node.putObject("rlimit")
        .put("time", time)
        .put("maxpid", processes.capacity())
        .put("curproc", processes.capacity() - processes.available());
  }

  private void pod(ObjectNode shown, PodUse use) {
    Pod pod = use.pod();
    shown
        .putObject("podRef")
        .put("name", pod.getMetadata().getName())
        .put("namespace", pod.getMetadata().getNamespace())
        .put("uid", pod.getMetadata().getUid());
    shown.put("startTime", pod.getStatus().getStartTime());
    ArrayNode containers = shown.putArray("containers");
    long nanos = 0;
    for (ContainerUse container : use.containers()) {
      if (container.stats() != null) {
        container(containers.addObject(), container, container.stats());
        nanos += container.stats().getCpu().getUsageCoreNanoSeconds().getValue();
      }
    }
    cpu(shown, pod.getMetadata().getUid(), nanos);
    shown
        .putObject("memory")
        .put("time", time)
        .put("usageBytes", use.memory())
        .put("workingSetBytes", use.memory());
    if (onlyCpuAndMemory) {
      return;
    }
    ArrayNode volumes = shown.putArray("volume");
    use.volumes()
        .forEach((name, size) ->
            fileSystem(
                    volumes.addObject(), Signal.NODEFS_AVAILABLE, Signal.NODEFS_INODES_FREE, size)
                .put("name", name));
    use.claims().forEach(claim -> claim(volumes.addObject(), pod, claim));
    network(shown, use);
    fileSystem(
        shown.putObject("ephemeral-storage"),
        Signal.NODEFS_AVAILABLE,
        Signal.NODEFS_INODES_FREE,
        use.local().plus(use.roots()));
    shown.putObject("process_stats").put("process_count", use.processes());
  }

  private void claim(ObjectNode shown, Pod pod, ClaimUse claim) {
    VolumeFigures figures = claim.figures();
    shown
        .put("time", time)
        .put("availableBytes", figures.available())
        .put("capacityBytes", figures.capacity())
        .put("usedBytes", figures.used())
        .put("inodesFree", figures.inodesFree())
        .put("inodes", figures.inodes())
        .put("inodesUsed", figures.inodesUsed())
        .put("name", claim.volume())
        .putObject("pvcRef")
        .put("name", claim.claim())
        .put("namespace", pod.getMetadata().getNamespace());
  }

  /** The first interface is the pod's own; it stands for the whole, and all are listed. */
  private void network(ObjectNode shown, PodUse use) {
    if (use.network().isEmpty()) {
      return;
    }
    ObjectNode network = shown.putObject("network").put("time", time);
    one(network, use.network().getFirst());
    ArrayNode all = network.putArray("interfaces");
    use.network().forEach(each -> one(all.addObject(), each));
  }

  private static void one(ObjectNode shown, InterfaceUse use) {
    shown
        .put("name", use.name())
        .put("rxBytes", use.received().bytes())
        .put("rxErrors", use.received().errors())
        .put("txBytes", use.sent().bytes())
        .put("txErrors", use.sent().errors());
  }

  private void container(ObjectNode shown, ContainerUse use, ContainerStats stats) {
    shown.put("name", use.name());
    shown.put("startTime", snapshot.startTime(stats.getAttributes().getId()));
    cpu(shown, stats.getAttributes().getId(), stats.getCpu().getUsageCoreNanoSeconds().getValue());
    ObjectNode memory = shown.putObject("memory");
    memory.put("time", time);
    memory.put("workingSetBytes", use.memory());
    memory.put("usageBytes", stats.getMemory().getUsageBytes().getValue());
    memory.put("rssBytes", stats.getMemory().getRssBytes().getValue());
    memory.put("pageFaults", stats.getMemory().getPageFaults().getValue());
    memory.put("majorPageFaults", stats.getMemory().getMajorPageFaults().getValue());
    if (!onlyCpuAndMemory) {
      fileSystem(
          shown.putObject("rootfs"),
          Signal.IMAGEFS_AVAILABLE,
          Signal.IMAGEFS_INODES_FREE,
          use.root());
      fileSystem(
          shown.putObject("logs"), Signal.NODEFS_AVAILABLE, Signal.NODEFS_INODES_FREE, use.logs());
    }
  }

  private void cpu(ObjectNode shown, String subject, long nanos) {
    ObjectNode cpu = shown.putObject("cpu");
    cpu.put("time", time);
    OptionalLong rate = rates.rate(subject, snapshot.nanos(), nanos);
    rate.ifPresent(one -> cpu.put("usageNanoCores", one));
    cpu.put("usageCoreNanoSeconds", nanos);
  }

  /** The file system, and how much of it this one uses; null for all that is in use. */
  private ObjectNode fileSystem(
      ObjectNode shown, Signal space, Signal inodes, @Nullable TreeSize used) {
    Reading bytes = reading(space);
    Reading files = reading(inodes);
    shown.put("time", time);
    shown.put("availableBytes", bytes.available());
    shown.put("capacityBytes", bytes.capacity());
    shown.put("usedBytes", used == null ? bytes.capacity() - bytes.available() : used.bytes());
    shown.put("inodesFree", files.available());
    shown.put("inodes", files.capacity());
    shown.put("inodesUsed", used == null ? files.capacity() - files.available() : used.inodes());
    return shown;
  }

  private Reading reading(Signal signal) {
    return snapshot.readings().getOrDefault(signal, new Reading(0, 0));
  }

  static String text(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /**
   * All that a report is made of.
   *
   * @param nanos monotonic
   * @param starts when containers started, by id
   */
  record Snapshot(
      String node,
      Instant at,
      long nanos,
      Instant startedAt,
      long processorNanos,
      Map<Signal, Reading> readings,
      java.util.List<PodUse> pods,
      Map<String, Instant> starts) {

    @Nullable String startTime(String container) {
      @Nullable Instant start = starts.get(container);
      return start == null ? null : text(start);
    }
  }
}
