package dev.coxswain.kubelet.report;

import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.image.PluginCounts;
import dev.coxswain.kubelet.node.MachineUsage;
import dev.coxswain.kubelet.pod.ContainerView;
import dev.coxswain.kubelet.pressure.NodeMeasures;
import dev.coxswain.kubelet.pressure.Reading;
import dev.coxswain.kubelet.pressure.Signal;
import dev.coxswain.kubelet.probe.ProbeCounts;
import dev.coxswain.kubelet.server.NodeApi;
import dev.coxswain.kubelet.usage.ClaimUse;
import dev.coxswain.kubelet.usage.ContainerUse;
import dev.coxswain.kubelet.usage.InterfaceUse;
import dev.coxswain.kubelet.usage.PodUse;
import dev.coxswain.kubelet.usage.UsageReader;
import dev.coxswain.kubelet.usage.VolumeFigures;
import dev.coxswain.proto.cri.ContainerStats;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The node's reports, made when they are asked for. */
public final class NodeReports implements NodeApi.Reports {
  /** Counting files costs; whoever asks again so soon gets the same answer. */
  private static final Duration FRESH = Duration.ofSeconds(10);

  private static final double NANOS = 1e9;

  private final String node;
  private final Supplier<List<Running>> pods;
  private final UsageReader usage;
  private final NodeMeasures measures;
  private final ProbeCounts probes;
  private final PluginCounts plugins;
  private final String configuration;
  private final Time time;
  private final Instant startedAt;
  private final CpuRates rates = new CpuRates();
  private byte @Nullable [] summary;
  private long summaryAt;

  /**
   * A pod that the runtime has something of.
   *
   * @param pod with its newest status
   * @param sandbox whether its sandbox runs
   */
  public record Running(Pod pod, boolean sandbox, List<ContainerView> containers) {}

  /**
   * Reports on a node.
   *
   * @param configuration JSON as {@code /configz} shows it
   */
  public NodeReports(
      String node,
      Supplier<List<Running>> pods,
      UsageReader usage,
      NodeMeasures measures,
      ProbeCounts probes,
      PluginCounts plugins,
      String configuration,
      Time time) {
    this.node = node;
    this.pods = pods;
    this.usage = usage;
    this.measures = measures;
    this.probes = probes;
    this.plugins = plugins;
    this.configuration = configuration;
    this.time = time;
    this.startedAt = time.now();
  }

  @Override
  public synchronized byte[] summary(boolean onlyCpuAndMemory) {
    if (onlyCpuAndMemory) {
      return new Summary(snapshot(false), rates, true).write();
    }
    byte[] last = summary;
    if (last == null || time.nanos() - summaryAt > FRESH.toNanos()) {
      last = new Summary(snapshot(true), rates, false).write();
      summary = last;
      summaryAt = time.nanos();
    }
    return last;
  }

  @Override
  public String kubelet() {
    List<Running> all = pods.get();
    Map<String, Integer> states = new TreeMap<>();
    for (Running pod : all) {
      for (ContainerView container : pod.containers()) {
        states.merge(container.state().name().toLowerCase(Locale.ROOT), 1, Integer::sum);
      }
    }
    Runtime jvm = Runtime.getRuntime();
    Exposition text =
        new Exposition()
            .gauge("kubelet_node_name", "The node's name. The count is always 1.")
            .sample(1, "node", node)
            .gauge("kubelet_running_pods", "Number of pods that have a running pod sandbox")
            .sample(all.stream().filter(Running::sandbox).count())
            .gauge("kubelet_running_containers", "Number of containers by state")
            .samples("container_state", states)
            .gauge("process_start_time_seconds", "Start time of the process")
            .sample(startedAt.getEpochSecond())
            .gauge("jvm_memory_used_bytes", "Heap in use")
            .sample(jvm.totalMemory() - jvm.freeMemory(), "area", "heap");
    volumes(all, text);
    credentials(text);
    return text.toString();
  }

  private void credentials(Exposition text) {
    Map<String, PluginCounts.Figures> figures = plugins.all();
    text.histogram(
        "kubelet_credential_provider_plugin_duration",
        "Duration of execution in seconds for credential provider plugin");
    figures.forEach(
        (name, of) -> text.distribution(of.within(), of.runs(), of.seconds(), "plugin_name", name));
    text.counter(
        "kubelet_credential_provider_plugin_errors_total",
        "Number of errors from credential provider plugin");
    figures.forEach((name, of) -> text.sample(of.errors(), "plugin_name", name));
  }

  private void volumes(List<Running> all, Exposition text) {
    record Seen(Pod pod, ClaimUse use) {}
    List<Seen> seen =
        all.stream()
            .map(Running::pod)
            .flatMap(pod -> usage.claims(pod).stream().map(use -> new Seen(pod, use)))
            .toList();
    Map<String, ToLongFunction<VolumeFigures>> figures = new TreeMap<>();
    figures.put("available_bytes", VolumeFigures::available);
    figures.put("capacity_bytes", VolumeFigures::capacity);
    figures.put("used_bytes", VolumeFigures::used);
    figures.put("inodes", VolumeFigures::inodes);
    figures.put("inodes_free", VolumeFigures::inodesFree);
    figures.put("inodes_used", VolumeFigures::inodesUsed);
    figures.forEach((name, figure) -> {
      text.gauge("kubelet_volume_stats_" + name, "Of the volume, " + name.replace('_', ' '));
      Set<String> told = new HashSet<>();
      for (Seen one : seen) {
        String namespace = one.pod().getMetadata().getNamespace();
        // Pods may share a claim.
        if (told.add(namespace + "/" + one.use().claim())) {
          text.sample(
              figure.applyAsLong(one.use().figures()),
              "namespace",
              namespace,
              "persistentvolumeclaim",
              one.use().claim());
        }
      }
    });
  }

  @Override
  public String containers() {
    return containers(snapshot(false));
  }

  static String containers(Summary.Snapshot seen) {
    Reading memory = seen.readings().getOrDefault(Signal.MEMORY_AVAILABLE, new Reading(0, 0));
    Exposition text =
        new Exposition()
            .gauge("machine_cpu_cores", "Number of logical CPU cores.")
            .sample(Runtime.getRuntime().availableProcessors())
            .gauge("machine_memory_bytes", "Amount of memory installed on the machine.")
            .sample(memory.capacity());
    text.counter("container_cpu_usage_seconds_total", "Cumulative cpu time consumed in seconds.");
    // The node as a whole is the container of all others.
    text.sample(seen.processorNanos() / NANOS, "id", "/");
    each(
        seen,
        (use, stats, labels) ->
            text.sample(stats.getCpu().getUsageCoreNanoSeconds().getValue() / NANOS, labels));
    text.gauge("container_memory_working_set_bytes", "Current working set in bytes.");
    text.sample(memory.capacity() - memory.available(), "id", "/");
    each(seen, (use, stats, labels) -> text.sample(use.memory(), labels));
    text.gauge("container_memory_usage_bytes", "Current memory usage in bytes.");
    each(
        seen,
        (use, stats, labels) -> text.sample(stats.getMemory().getUsageBytes().getValue(), labels));
    text.gauge("container_memory_rss", "Size of RSS in bytes.");
    each(
        seen,
        (use, stats, labels) -> text.sample(stats.getMemory().getRssBytes().getValue(), labels));
    text.gauge("container_fs_usage_bytes", "Number of bytes consumed on the writable layer.");
    each(seen, (use, stats, labels) -> text.sample(use.root().bytes(), labels));
    text.gauge("container_start_time_seconds", "Start time of the container since unix epoch");
    each(
        seen,
        (use, stats, labels) -> {
          @Nullable Instant start = seen.starts().get(stats.getAttributes().getId());
          if (start != null) {
            text.sample(start.getEpochSecond(), labels);
          }
        });
    network(seen, text, "receive", "received", InterfaceUse::received);
    network(seen, text, "transmit", "transmitted", InterfaceUse::sent);
    return text.toString();
  }

  private static void network(
      Summary.Snapshot seen,
      Exposition text,
      String way,
      String done,
      Function<InterfaceUse, InterfaceUse.Direction> direction) {
    String of = "container_network_" + way;
    text.counter(of + "_bytes_total", "Cumulative count of bytes " + done);
    network(seen, text, use -> direction.apply(use).bytes());
    text.counter(of + "_packets_total", "Cumulative count of packets " + done);
    network(seen, text, use -> direction.apply(use).packets());
    text.counter(
        of + "_packets_dropped_total", "Cumulative count of packets dropped while being " + done);
    network(seen, text, use -> direction.apply(use).dropped());
    text.counter(of + "_errors_total", "Cumulative count of errors while being " + done);
    network(seen, text, use -> direction.apply(use).errors());
  }

  private static void network(
      Summary.Snapshot seen, Exposition text, ToLongFunction<InterfaceUse> count) {
    for (PodUse pod : seen.pods()) {
      for (InterfaceUse use : pod.network()) {
        text.sample(
            count.applyAsLong(use),
            "interface",
            use.name(),
            "namespace",
            pod.pod().getMetadata().getNamespace(),
            "pod",
            pod.pod().getMetadata().getName());
      }
    }
  }

  @Override
  public String resources() {
    Exposition text = new Exposition();
    try {
      resources(snapshot(false), text);
      text.gauge("resource_scrape_error", "1 if there was an error, 0 otherwise").sample(0);
    } catch (CriException | UncheckedIOException failure) {
      text.gauge("resource_scrape_error", "1 if there was an error, 0 otherwise").sample(1);
    }
    return text.toString();
  }

  private static void resources(Summary.Snapshot seen, Exposition text) {
    Instant at = seen.at();
    Reading memory = seen.readings().getOrDefault(Signal.MEMORY_AVAILABLE, new Reading(0, 0));
    text.counter("node_cpu_usage_seconds_total", "Cumulative cpu time in core-seconds")
        .sampleAt(at, seen.processorNanos() / NANOS);
    text.gauge("node_memory_working_set_bytes", "Current working set of the node in bytes")
        .sampleAt(at, memory.capacity() - memory.available());
    text.counter("container_cpu_usage_seconds_total", "Cumulative cpu time in core-seconds");
    each(
        seen,
        (use, stats, labels) ->
            text.sampleAt(
                at, stats.getCpu().getUsageCoreNanoSeconds().getValue() / NANOS, shorter(labels)));
    text.gauge("container_memory_working_set_bytes", "Current working set in bytes");
    each(seen, (use, stats, labels) -> text.sampleAt(at, use.memory(), shorter(labels)));
    text.gauge("container_start_time_seconds", "Start time of the container since unix epoch");
    each(
        seen,
        (use, stats, labels) -> {
          @Nullable Instant start = seen.starts().get(stats.getAttributes().getId());
          if (start != null) {
            text.sampleAt(at, start.toEpochMilli() / 1000.0, shorter(labels));
          }
        });
    text.counter("pod_cpu_usage_seconds_total", "Cumulative cpu time in core-seconds");
    for (PodUse pod : seen.pods()) {
      long nanos = pod.containers().stream().mapToLong(NodeReports::processorNanos).sum();
      text.sampleAt(at, nanos / NANOS, labels(pod.pod()));
    }
    text.gauge("pod_memory_working_set_bytes", "Current working set of the pod in bytes");
    seen.pods().forEach(pod -> text.sampleAt(at, pod.memory(), labels(pod.pod())));
  }

  @Override
  public String probes() {
    Exposition text = new Exposition().counter("prober_probe_total", "Number of probes by result.");
    probes
        .all()
        .forEach((subject, count) ->
            text.sample(
                count,
                "container",
                subject.container(),
                "namespace",
                subject.namespace(),
                "pod",
                subject.pod(),
                "pod_uid",
                subject.uid(),
                "probe_type",
                subject.type(),
                "result",
                subject.result()));
    return text.toString();
  }

  @Override
  public byte[] configuration() {
    return configuration.getBytes(StandardCharsets.UTF_8);
  }

  private Summary.Snapshot snapshot(boolean files) {
    List<Running> running = pods.get().stream().filter(Running::sandbox).toList();
    List<Pod> measured = running.stream().map(Running::pod).toList();
    Map<String, Instant> starts = new HashMap<>();
    Set<String> known = new HashSet<>(Set.of(""));
    for (Running pod : running) {
      known.add(pod.pod().getMetadata().getUid());
      for (ContainerView container : pod.containers()) {
        known.add(container.id());
        if (container.startedAt() != null) {
          starts.put(container.id(), container.startedAt());
        }
      }
    }
    rates.retain(known);
    try {
      return new Summary.Snapshot(
          node,
          time.now(),
          time.nanos(),
          startedAt,
          MachineUsage.read().cpuNanos(),
          measures.read(),
          files ? usage.readAll(measured) : usage.readQuickly(measured),
          starts);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private interface Each {
    void of(ContainerUse use, ContainerStats stats, String... labels);
  }

  private static void each(Summary.Snapshot seen, Each what) {
    for (PodUse pod : seen.pods()) {
      for (ContainerUse use : pod.containers()) {
        @Nullable ContainerStats stats = use.stats();
        if (stats != null) {
          what.of(
              use,
              stats,
              "container",
              use.name(),
              "namespace",
              pod.pod().getMetadata().getNamespace(),
              "pod",
              pod.pod().getMetadata().getName(),
              "id",
              stats.getAttributes().getId(),
              "image",
              image(pod.pod(), use.name()),
              "name",
              stats.getAttributes().getId());
        }
      }
    }
  }

  /** As its status names it; who asks about containers alone selects those with images. */
  private static String image(Pod pod, String container) {
    return Stream.of(
            pod.getStatus().getContainerStatuses(),
            pod.getStatus().getInitContainerStatuses(),
            pod.getStatus().getEphemeralContainerStatuses())
        .flatMap(List::stream)
        .filter(status -> status.getName().equals(container) && status.getImage() != null)
        .map(ContainerStatus::getImage)
        .findFirst()
        .orElse("");
  }

  /** Without the container's id and image, which the resource metrics do not have. */
  private static String[] shorter(String... labels) {
    return java.util.Arrays.copyOf(labels, labels.length - 6);
  }

  private static String[] labels(Pod pod) {
    return new String[] {
      "namespace", pod.getMetadata().getNamespace(), "pod", pod.getMetadata().getName()
    };
  }

  private static long processorNanos(ContainerUse use) {
    return use.stats() == null ? 0 : use.stats().getCpu().getUsageCoreNanoSeconds().getValue();
  }
}
