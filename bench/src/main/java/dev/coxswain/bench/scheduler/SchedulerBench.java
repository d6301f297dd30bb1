package dev.coxswain.bench.scheduler;

import dev.coxswain.bench.Bench;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.scheduler.config.SchedulerConfiguration;
import dev.coxswain.scheduler.cycle.SchedulerCore;
import dev.coxswain.scheduler.cycle.Step;
import dev.coxswain.scheduler.framework.Handle;
import dev.coxswain.scheduler.model.NodeReader;
import dev.coxswain.scheduler.model.PodReader;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Pods decided per second: objects are read as the informers hand them over, each gets its turn and
 * is taken as bound. The peer's figures (kube-scheduler 1.20 with its API server, on a machine like
 * this) contain the calls that bind; ours do not, and every row says so.
 */
@Command(name = "scheduler", description = "Measures the scheduling cycle without an API server.")
public final class SchedulerBench extends Bench {
  private static final int ZONES = 3;
  private static final String ZONE = "topology.kubernetes.io/zone";
  private static final String HOSTNAME = "kubernetes.io/hostname";

  @Option(names = "--pods", description = "pods to place")
  private int pods = 5000;

  @Option(names = "--rounds", description = "rounds, of which the best counts")
  private int rounds = 5;

  private final Time time = new SystemTime();

  /** Kinds of pods, with what kube-scheduler 1.20 bound per second on 1,000 and 5,000 nodes. */
  private enum Load {
    PLAIN(342, 190),
    ZONE_SPREAD(181, 89),
    ANTI_AFFINITY(134, 0);

    private final int peerOnThousand;
    private final int peerOnFiveThousand;

    Load(int peerOnThousand, int peerOnFiveThousand) {
      this.peerOnThousand = peerOnThousand;
      this.peerOnFiveThousand = peerOnFiveThousand;
    }

    int peer(int nodes) {
      return nodes == 1000 ? peerOnThousand : peerOnFiveThousand;
    }
  }

  /** What one round took. */
  private record Measured(double podsPerSecond, double cpuMillisPerPod, long unplaced) {}

  /** Runs the bench. */
  public static void main(String[] arguments) {
    run(new SchedulerBench(), arguments);
  }

  @Override
  public Integer call() {
    System.out.printf(
        Locale.ROOT,
        "%-14s %6s %6s %12s %14s   %s%n",
        "pods",
        "nodes",
        "pods",
        "decided/s",
        "CPU ms a pod",
        "kube-scheduler 1.20, binding included");
    for (int nodes : List.of(1000, 5000)) {
      for (Load load : Load.values()) {
        Measured best = new Measured(0, 0, 0);
        for (int round = 0; round < rounds; round++) {
          Measured measured = round(load, nodes);
          best = measured.podsPerSecond() > best.podsPerSecond() ? measured : best;
        }
        print(load, nodes, best);
      }
    }
    return 0;
  }

  private void print(Load load, int nodes, Measured best) {
    int peer = load.peer(nodes);
    String ratio =
        peer == 0
            ? "not measured"
            : String.format(Locale.ROOT, "%d/s, ratio %.1f", peer, best.podsPerSecond() / peer);
    System.out.printf(
        Locale.ROOT,
        "%-14s %6d %6d %12.0f %14.3f   %s%s%n",
        load.name().toLowerCase(Locale.ROOT).replace('_', ' '),
        nodes,
        pods,
        best.podsPerSecond(),
        best.cpuMillisPerPod(),
        ratio,
        best.unplaced() == 0 ? "" : " (" + best.unplaced() + " pods found no node)");
  }

  private Measured round(Load load, int nodes) {
    Randomness randomness = Randomness.seeded(nodes);
    SchedulerCore core =
        new SchedulerCore(
            SchedulerConfiguration.DEFAULT.profiles().stream()
                .map(profile -> profile.profile(Handle.deciding(randomness)))
                .toList(),
            SchedulerConfiguration.DEFAULT.backoff(),
            randomness);
    for (int index = 0; index < nodes; index++) {
      core.node(NodeReader.read(node(index)), 0);
    }
    List<Pod> wanted = new ArrayList<>();
    for (int index = 0; index < pods; index++) {
      wanted.add(pod(load, index));
    }
    long unplaced = 0;
    long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    long started = time.nanos();
    for (Pod pod : wanted) {
      core.pod(PodReader.read(pod), time.nanos());
      Step step = core.next(time.nanos()).orElseThrow();
      if (step instanceof Step.Bind bind) {
        core.bound(bind.queued());
        core.pod(bind.pod().on(bind.node()), time.nanos());
      } else {
        unplaced++;
      }
    }
    double seconds = (time.nanos() - started) / 1e9;
    double cpuMillis = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu) / 1e6;
    return new Measured(pods / seconds, cpuMillis / pods, unplaced);
  }

  private static Node node(int index) {
    return new NodeBuilder()
        .withNewMetadata()
        .withName("node-" + index)
        .addToLabels(HOSTNAME, "node-" + index)
        .addToLabels(ZONE, "zone-" + index % ZONES)
        .endMetadata()
        .withNewSpec()
        .endSpec()
        .withNewStatus()
        .withAllocatable(
            Map.of(
                "cpu", new Quantity("4"),
                "memory", new Quantity("32Gi"),
                "pods", new Quantity("110")))
        .endStatus()
        .build();
  }

  private static Pod pod(Load load, int index) {
    // As many to an app as there are nodes for them, however strictly they keep apart.
    String app = "app-" + index / 500;
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("bench")
        .withName("pod-" + index)
        .withUid("uid-" + index)
        .withLabels(Map.of("app", app))
        .addNewOwnerReference()
        .withController(true)
        .withKind("ReplicaSet")
        .withName(app)
        .withUid("uid-" + app)
        .endOwnerReference()
        .endMetadata()
        .withSpec(spec(load, app))
        .build();
  }

  private static PodSpec spec(Load load, String app) {
    LabelSelector siblings = new LabelSelectorBuilder().withMatchLabels(Map.of("app", app)).build();
    PodSpecBuilder spec =
        new PodSpecBuilder()
            .addNewContainer()
            .withName("c")
            .withImage("registry.k8s.io/pause:3.10")
            .withNewResources()
            .withRequests(Map.of("cpu", new Quantity("100m"), "memory", new Quantity("500Mi")))
            .endResources()
            .endContainer();
    return switch (load) {
      case PLAIN -> spec.build();
      case ZONE_SPREAD ->
          spec.addNewTopologySpreadConstraint()
              .withMaxSkew(1)
              .withTopologyKey(ZONE)
              .withWhenUnsatisfiable("DoNotSchedule")
              .withLabelSelector(siblings)
              .endTopologySpreadConstraint()
              .build();
      case ANTI_AFFINITY ->
          spec.withAffinity(
                  new AffinityBuilder()
                      .withNewPodAntiAffinity()
                      .addNewRequiredDuringSchedulingIgnoredDuringExecution()
                      .withTopologyKey(HOSTNAME)
                      .withLabelSelector(siblings)
                      .endRequiredDuringSchedulingIgnoredDuringExecution()
                      .endPodAntiAffinity()
                      .build())
              .build();
    };
  }
}
