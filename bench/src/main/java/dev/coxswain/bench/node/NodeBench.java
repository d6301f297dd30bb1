package dev.coxswain.bench.node;

import dev.coxswain.bench.Bench;
import dev.coxswain.bench.Cox;
import dev.coxswain.bench.Usage;
import dev.coxswain.kubelet.cri.CriClient;
import dev.coxswain.kubelet.cri.LocalChannel;
import dev.coxswain.runtime.client.HttpApiClient;
import dev.coxswain.runtime.client.Kubeconfig;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemRandomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/**
 * What the kubelet, and the API behind it, add to the bare calls of the container runtime: as many
 * pods as a node takes are started and stopped both ways on the same node, one way after the other.
 * Upstream's kubelet, of which there is none here, is there by its published figures: 16 s at the
 * median until ten pods created at once run, and 50 MB resident.
 */
@Command(
    name = "node",
    description = "Brings up a cluster of one node, fills the node and empties it, twice each way.")
public final class NodeBench extends Bench {
  private static final int FEW = 10;
  private static final double UPSTREAM_FEW_SECONDS = 16;
  private static final double UPSTREAM_RESIDENT_MEBIBYTES = 50;
  private static final double TARGET_RATIO = 1.2;

  /** Nothing of the round before is at work any more. */
  private static final Duration BETWEEN = Duration.ofSeconds(2);

  @Option(names = "--pods", description = "pods to start at once; a node takes 110")
  private int pods = 110;

  @Option(names = "--rounds", description = "how often each is done both ways")
  private int rounds = 2;

  @Option(names = "--idle", description = "seconds to watch the full node at rest")
  private int idleSeconds = 30;

  private final Time time = new SystemTime();
  private final Randomness random = new SystemRandomness();

  /** Runs the bench. */
  public static void main(String[] arguments) {
    run(new NodeBench(), arguments);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Cox cluster = new Cox();
    try {
      cluster.cox("up", "--nodes", "1", "--api-port", "0");
      measure(cluster);
      return 0;
    } finally {
      cluster.cox("down", "--now");
    }
  }

  private void measure(Cox cluster) throws IOException, InterruptedException {
    JsonNode status = cluster.status();
    long containerd = pid(status, "containerd-1");
    long kubelet = pid(status, "kubelet-1");
    Path nodeRoot = Path.of("/proc", Long.toString(containerd), "root");
    Path socket = nodeRoot.resolve("run/containerd/containerd.sock");
    Kubeconfig config = Kubeconfig.read(cluster.kubeconfig());
    try (LocalChannel channel = new LocalChannel(socket.toString());
        HttpApiClient api = new HttpApiClient(config, "cox-bench", time, random)) {
      CriClient runtime = new CriClient(channel.grpc());
      RuntimePods raw = new RuntimePods(runtime, nodeRoot);
      try (ClusterPods ours = new ClusterPods(api, runtime, "node-1", time, random)) {
        System.out.printf(
            Locale.ROOT,
            "%n%-44s %12s %12s %8s%n",
            "one node, %d cores".formatted(Runtime.getRuntime().availableProcessors()),
            "cluster",
            "bare calls",
            "ratio");
        for (int i = 0; i < rounds; i++) {
          Times bare = times(raw, FEW);
          report(FEW, times(ours, FEW), bare);
        }
        for (int i = 0; i < rounds; i++) {
          Map<String, Double> before = Usage.cpuSeconds(status);
          Times bare = times(raw, pods);
          Map<String, Double> between = Usage.cpuSeconds(status);
          Times full = times(ours, pods);
          report(pods, full, bare);
          spent(between, Usage.cpuSeconds(status), before);
        }
        rest(ours, kubelet);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "our target: %.1f of the bare calls; upstream's kubelet, published: %d pods at once run"
            + " after %.0f s at the median, %.0f MB resident%n",
        TARGET_RATIO,
        FEW,
        UPSTREAM_FEW_SECONDS,
        UPSTREAM_RESIDENT_MEBIBYTES);
  }

  /** Seconds until all ran, and from there until nothing was left of them. */
  private record Times(double start, double stop) {}

  private Times times(Pods way, int count) throws InterruptedException {
    long began = time.nanos();
    way.start(count);
    double start = secondsSince(began);
    time.sleep(BETWEEN);
    long stopping = time.nanos();
    way.stop();
    double stop = secondsSince(stopping);
    time.sleep(BETWEEN);
    return new Times(start, stop);
  }

  /** The kubelet of a full node on which nothing happens. */
  private void rest(ClusterPods ours, long kubelet) throws IOException, InterruptedException {
    ours.start(pods);
    List<Double> resident = new ArrayList<>();
    resident.add(Usage.residentMebibytes(kubelet));
    // What the start has left behind is still being tidied up.
    time.sleep(Duration.ofSeconds(idleSeconds));
    double cpu = Usage.cpuSeconds(kubelet);
    long began = time.nanos();
    time.sleep(Duration.ofSeconds(idleSeconds));
    double core = (Usage.cpuSeconds(kubelet) - cpu) / secondsSince(began) * 100;
    resident.add(Usage.residentMebibytes(kubelet));
    System.out.printf(
        Locale.ROOT,
        "kubelet with %d pods at rest: %.2f %% of a core, %.0f MiB resident (%.0f just after"
            + " their start)%n",
        pods,
        core,
        resident.getLast(),
        resident.getFirst());
    ours.stop();
  }

  private static void report(int count, Times ours, Times bare) {
    row(count + " pods created at once until all run, s", ours.start(), bare.start());
    row(count + " pods deleted at once until all gone, s", ours.stop(), bare.stop());
  }

  /** CPU of each process for a pod, from its creation until it is gone; shims are not counted. */
  private void spent(
      Map<String, Double> before, Map<String, Double> after, Map<String, Double> beforeBare) {
    after.forEach((name, seconds) -> {
      double between = before.getOrDefault(name, 0.0);
      double ours = (seconds - between) * 1000 / pods;
      double bare = (between - beforeBare.getOrDefault(name, 0.0)) * 1000 / pods;
      System.out.printf(Locale.ROOT, "  CPU of %-35s %12.1f %12.1f   ms a pod%n", name, ours, bare);
    });
  }

  private static void row(String what, double ours, double bare) {
    System.out.printf(Locale.ROOT, "%-44s %12.2f %12.2f %7.2fx%n", what, ours, bare, ours / bare);
  }

  private static long pid(JsonNode status, String name) {
    return StreamSupport.stream(status.path("processes").spliterator(), false)
        .filter(process -> process.path("name").asString().equals(name))
        .findFirst()
        .orElseThrow()
        .path("pid")
        .asLong();
  }

  private double secondsSince(long start) {
    return (time.nanos() - start) / 1e9;
  }
}
