package dev.coxswain.bench.cluster;

import dev.coxswain.bench.Bench;
import dev.coxswain.bench.Cox;
import dev.coxswain.bench.Usage;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/**
 * What a whole cluster costs: seconds from {@code cox up} to nodes Ready and from apply to Running,
 * resident memory and idle CPU of each process. k3s cannot be had on the machines this runs on, so
 * its figures are the published ones (512 MB minimum and 768 MB typical for a server with a node,
 * 10 % of a core idle), and every row says so.
 */
@Command(
    name = "cluster",
    description = "Brings up a cluster in a home of its own, measures it, and takes it down.")
public final class ClusterBench extends Bench {
  private static final double K3S_RESIDENT_MEGABYTES = 512;
  private static final double K3S_IDLE_CORE_PERCENT = 10;
  private static final double TARGET_READY_SECONDS = 8;
  private static final double TARGET_RUNNING_SECONDS = 1.5;

  @Option(names = "--nodes", description = "nodes to bring up")
  private int nodes = 1;

  @Option(names = "--pods", description = "pods to start one after the other")
  private int pods = 5;

  @Option(names = "--idle", description = "seconds to watch the idle cluster")
  private int idleSeconds = 60;

  private final Time time = new SystemTime();

  /** Runs the bench. */
  public static void main(String[] arguments) {
    run(new ClusterBench(), arguments);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Cox cluster = new Cox();
    try {
      long start = time.nanos();
      cluster.cox("up", "--nodes", Integer.toString(nodes), "--api-port", "0");
      double ready = secondsSince(start);
      JsonNode status = cluster.status();
      System.out.printf(
          Locale.ROOT,
          "%nCoxswain, %d node(s), one control plane, %d cores%n%n",
          nodes,
          Runtime.getRuntime().availableProcessors());
      row(
          "cox up (already built) until every node is Ready, s",
          ready,
          TARGET_READY_SECONDS,
          "our target");

      List<Double> starts = new ArrayList<>();
      for (int i = 0; i < pods; i++) {
        starts.add(startOnePod(cluster, "bench-" + i));
      }
      starts.sort(Double::compare);
      row(
          "kubectl run until Running, median of " + pods + ", s",
          starts.get(starts.size() / 2),
          TARGET_RUNNING_SECONDS,
          "our target");
      for (int i = 0; i < pods; i++) {
        cluster.run("kubectl", "delete", "pod", "bench-" + i, "--grace-period=0", "--force");
      }

      Map<String, Double> before = Usage.cpuSeconds(status);
      long idleStart = time.nanos();
      time.sleep(Duration.ofSeconds(idleSeconds));
      double watched = secondsSince(idleStart);
      Map<String, Double> after = Usage.cpuSeconds(status);
      status = cluster.status();
      double residentTotal = 0;
      double proportionalTotal = 0;
      double coreTotal = 0;
      System.out.printf(
          Locale.ROOT,
          "%n%-28s %12s %14s %14s%n",
          "process",
          "resident MB",
          "shared once",
          "idle % of core");
      for (JsonNode process : status.path("processes")) {
        String name = process.path("name").asString();
        double resident = process.path("residentBytes").asDouble(0) / 1e6;
        double proportional = process.path("proportionalBytes").asDouble(0) / 1e6;
        double core =
            (after.getOrDefault(name, 0.0) - before.getOrDefault(name, 0.0)) / watched * 100;
        residentTotal += resident;
        proportionalTotal += proportional;
        coreTotal += core;
        System.out.printf(
            Locale.ROOT, "%-28s %12.0f %14.0f %14.2f%n", name, resident, proportional, core);
      }
      System.out.println();
      row(
          "resident memory of all, MB",
          residentTotal,
          K3S_RESIDENT_MEGABYTES,
          "k3s, published minimum, one node");
      row(
          "the same, a page that several share counted once, MB",
          proportionalTotal,
          K3S_RESIDENT_MEGABYTES,
          "k3s, published minimum, one node");
      row(
          "idle CPU of all, % of a core",
          coreTotal, K3S_IDLE_CORE_PERCENT, "k3s, published, one node");
      return 0;
    } finally {
      cluster.cox("down");
    }
  }

  private double startOnePod(Cox cluster, String name) throws IOException, InterruptedException {
    long start = time.nanos();
    cluster.run("kubectl", "run", name, "--image=coxswain/demo:1");
    cluster.run(
        "kubectl",
        "wait",
        "--for=jsonpath={.status.phase}=Running",
        "pod/" + name,
        "--timeout=120s");
    return secondsSince(start);
  }

  private static void row(String what, double ours, double theirs, String peer) {
    System.out.printf(
        Locale.ROOT,
        "%-60s %8.2f   %s: %.1f   ratio %.2f%n",
        what,
        ours,
        peer,
        theirs,
        ours / theirs);
  }

  private double secondsSince(long start) {
    return (time.nanos() - start) / 1e9;
  }
}
