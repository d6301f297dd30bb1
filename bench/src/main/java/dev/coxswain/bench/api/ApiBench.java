package dev.coxswain.bench.api;

import dev.coxswain.bench.Bench;
import dev.coxswain.bench.Cox;
import dev.coxswain.bench.Usage;
import dev.coxswain.runtime.client.Kubeconfig;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/**
 * What requests cost the API server and the store together. The cluster is brought up by {@code
 * cox}; every process but those two is then killed, so that only they are measured. The peer's
 * figures were measured on a machine of this kind with kube-apiserver 1.20 and etcd 3.5; they are
 * constants here, since neither is installed beside us, and were taken by another load program.
 */
@Command(name = "api", description = "Measures the API server with its store under load.")
public final class ApiBench extends Bench {
  private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String PODS = "/api/v1/namespaces/default/pods";
  private static final String MADE_PODS = "/api/v1/namespaces/kube-public/pods";
  private static final String WATCHED = "/api/v1/namespaces/kube-public/configmaps";
  private static final int KEPT = 1000;
  private static final int FILLERS = 64;

  @Option(names = "--in-flight", split = ",", description = "Callers at a time.")
  private List<Integer> inFlight = List.of(1, 16, 64, 256);

  @Option(
      names = "--parts",
      split = ",",
      description = "What to measure: ${COMPLETION-CANDIDATES}. Default: all of it.")
  private Set<Part> parts = EnumSet.allOf(Part.class);

  /** With more, a quick machine writes so much that the store's quota is used up half way. */
  @Option(names = "--seconds", description = "Length of a window.")
  private int seconds = 3;

  @Option(names = "--warm-up", description = "Seconds of load before the first row.")
  private int warmUp = 20;

  @Option(names = "--pods", description = "Pods to list.")
  private int pods = 10_000;

  @Option(names = "--lists", description = "Lists to ask for, one after the other.")
  private int lists = 20;

  @Option(names = "--watchers", description = "Watches of the same objects.")
  private int watchers = 1000;

  @Option(names = "--updates", description = "Updates a second beside the watches.")
  private int updates = 50;

  private final Time time = new SystemTime();
  private final AtomicLong serial = new AtomicLong();
  private long apiServer;
  private long store;

  /** A part of the measurement. */
  enum Part {
    /** Creates, gets, updates and patches of ConfigMaps, creates of Pods. */
    CALLS,
    /** Lists of many pods, and the memory that they take. */
    LISTS,
    /** Many watches beside updates. */
    WATCHES
  }

  /** What the peer needs: CPU seconds for a thousand, requests a second at 64 in flight. */
  private record Peer(double cpuSeconds, double rate) {
    static final Peer UNKNOWN = new Peer(Double.NaN, Double.NaN);
  }

  /** Runs it. */
  public static void main(String[] arguments) {
    run(new ApiBench(), arguments);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Cox cluster = new Cox();
    try {
      cluster.cox("up", "--nodes", "1", "--api-port", "0");
      JsonNode status = cluster.status();
      for (JsonNode process : status.path("processes")) {
        String name = process.path("name").asString();
        if (name.startsWith("apiserver")) {
          apiServer = process.path("pid").asLong();
        } else if (name.startsWith("store")) {
          store = process.path("pid").asLong();
        } else if (!name.startsWith("forward")) {
          cluster.cox("kill", name);
        }
      }
      Connection.Target target =
          Connection.Target.of(
              Kubeconfig.read(cluster.kubeconfig()),
              URI.create(status.path("apiservers").path(0).asString()));
      try (Callers callers = new Callers(target, time)) {
        memory("after the start");
        measure(target, callers);
      }
      return 0;
    } finally {
      cluster.cox("down");
    }
  }

  private void measure(Connection.Target target, Callers callers)
      throws IOException, InterruptedException {
    callers.run(FILLERS, KEPT, n -> create(CONFIG_MAPS, Bodies.configMap("kept-" + n)));
    warmUp(callers);
    if (parts.contains(Part.LISTS)) {
      lists(callers);
    }
    if (parts.contains(Part.CALLS)) {
      calls(callers);
      memory("after the calls");
    }
    if (parts.contains(Part.WATCHES)) {
      watches(target, callers);
    }
  }

  private void warmUp(Callers callers) throws IOException, InterruptedException {
    window(callers, FILLERS, warmUp / 2.0, Load.made(CONFIG_MAPS, Bodies::configMap));
    window(callers, FILLERS, warmUp / 4.0, Load.of(ApiBench::get));
    window(callers, FILLERS, warmUp / 4.0, Load.of(this::update));
    window(callers, FILLERS, warmUp / 4.0, Load.made(MADE_PODS, Bodies::pod));
  }

  private void calls(Callers callers) throws IOException, InterruptedException {
    System.out.printf(
        Locale.ROOT,
        "%n%-34s %9s %9s %9s %10s   %s%n",
        "",
        "1/s",
        "p50 ms",
        "p99 ms",
        "CPU s/1000",
        "kube-apiserver 1.20 + etcd 3.5: CPU s/1000, 1/s at 64 in flight; ours as a ratio");
    row(
        callers,
        "create ConfigMap of 1 KiB",
        new Peer(1.0, 3400),
        Load.made(CONFIG_MAPS, Bodies::configMap));
    row(callers, "create Pod", new Peer(2.1, 1900), Load.made(MADE_PODS, Bodies::pod));
    row(callers, "get, consistent", new Peer(0.47, 6200), Load.of(ApiBench::get));
    row(
        callers,
        "get, from the cache",
        new Peer(0.28, 9300),
        Load.of(n -> get(n, "?resourceVersion=0")));
    row(callers, "update ConfigMap", Peer.UNKNOWN, Load.of(this::update));
    row(callers, "merge patch of a ConfigMap", Peer.UNKNOWN, Load.of(this::patch));
  }

  private void row(Callers callers, String what, Peer peer, Load load)
      throws IOException, InterruptedException {
    for (int count : inFlight) {
      Measured measured = window(callers, count, seconds, load);
      Callers.Result result = measured.result();
      double spent = measured.cpuSeconds() * 1000 / result.requests();
      System.out.printf(
          Locale.ROOT,
          "%-34s %9.0f %9.2f %9.2f %10.3f   %s%s%n",
          what + ", " + count,
          result.rate(),
          result.median(),
          result.ninetyNinth(),
          spent,
          Double.isNaN(peer.cpuSeconds())
              ? "–"
              : String.format(
                  Locale.ROOT,
                  "%.2f, %.0f: CPU %.2fx%s",
                  peer.cpuSeconds(),
                  peer.rate(),
                  spent / peer.cpuSeconds(),
                  count == FILLERS
                      ? String.format(Locale.ROOT, ", rate %.2fx", result.rate() / peer.rate())
                      : ""),
          result.failures() == 0
              ? ""
              : " (" + result.failures() + " refused with " + result.refusal() + ")");
    }
  }

  /**
   * A window of load, and the removal of what it made: what one row leaves in memory would be
   * collected, and looked through, in those after it.
   */
  private Measured window(Callers callers, int count, double length, Load load)
      throws IOException, InterruptedException {
    long first = serial.get();
    double before = cpuSeconds();
    Callers.Result result = callers.window(count, length, serial, load.request());
    double spent = cpuSeconds() - before;
    LongFunction<Connection.Request> removal = load.removal();
    if (removal != null) {
      callers.run(FILLERS, serial.get() - first, n -> removal.apply(first + n));
    }
    return new Measured(result, spent);
  }

  private record Measured(Callers.Result result, double cpuSeconds) {}

  /**
   * What callers ask for, request by request.
   *
   * @param request of a number
   * @param removal of what that request made; null where it made nothing
   */
  private record Load(
      LongFunction<Connection.Request> request,
      @Nullable LongFunction<Connection.Request> removal) {
    static Load of(LongFunction<Connection.Request> request) {
      return new Load(request, null);
    }

    static Load made(String collection, UnaryOperator<String> body) {
      return new Load(
          n -> create(collection, body.apply("made-" + n)),
          n -> Connection.Request.delete(collection + "/made-" + n));
    }
  }

  private void lists(Callers callers) throws IOException, InterruptedException {
    callers.run(FILLERS, pods, n -> create(PODS, Bodies.pod("listed-" + n)));
    memory("with " + pods + " pods");
    list(callers, "consistent", PODS, 1.2, 690);
    list(callers, "from the cache", PODS + "?resourceVersion=0", 0.59, 480);
    memory("after the lists");
    callers.run(FILLERS, pods, n -> Connection.Request.delete(PODS + "/listed-" + n));
  }

  private void list(Callers callers, String what, String path, double peerCpu, double peerMedian)
      throws IOException, InterruptedException {
    callers.run(1, 3, n -> Connection.Request.get(path));
    double before = cpuSeconds();
    Callers.Result result = callers.run(1, lists, n -> Connection.Request.get(path));
    double spent = (cpuSeconds() - before) / result.requests();
    System.out.printf(
        Locale.ROOT,
        "%nlist of %d pods, %s, %.1f MB: p50 %.0f ms, p99 %.0f ms, CPU %.3f s"
            + "   kube-apiserver: p50 %.0f ms, CPU %.2f s; ours %.2fx, %.2fx%n",
        pods,
        what,
        result.bytes() / 1e6 / result.requests(),
        result.median(),
        result.ninetyNinth(),
        spent,
        peerMedian,
        peerCpu,
        result.median() / peerMedian,
        spent / peerCpu);
  }

  private void watches(Connection.Target target, Callers callers)
      throws IOException, InterruptedException {
    callers.run(1, 1, n -> create(WATCHED, Bodies.configMap("watched", time.nanos())));
    try (Watchers all = new Watchers(target, WATCHED + "?watch=true", watchers, time)) {
      pace(callers, 3);
      var _ = all.take();
      double before = Usage.cpuSeconds(apiServer);
      double storeBefore = Usage.cpuSeconds(store);
      double ownBefore = Usage.cpuSeconds(ProcessHandle.current().pid());
      int length = 2 * seconds;
      pace(callers, length);
      Watchers.Result seen = all.take();
      double spent = Usage.cpuSeconds(apiServer) - before;
      double storeSpent = Usage.cpuSeconds(store) - storeBefore;
      double ownSpent = Usage.cpuSeconds(ProcessHandle.current().pid()) - ownBefore;
      System.out.printf(
          Locale.ROOT,
          "%n%d watches, %d updates a second: %d events of %d, p50 %.1f ms, p99 %.1f ms,"
              + " us of CPU for an event: API server %.1f, store %.1f (the watchers %.1f)"
              + "   kube-apiserver with etcd: p50 9, p99 37 ms, 40 us%n",
          watchers,
          updates,
          seen.events(),
          (long) watchers * updates * length,
          seen.median(),
          seen.ninetyNinth(),
          spent * 1e6 / seen.events(),
          storeSpent * 1e6 / seen.events(),
          ownSpent * 1e6 / seen.events());
      memory("with the watches");
    }
  }

  // On its own beat, whatever an answer takes, so that a slow server is not asked less.
  private void pace(Callers callers, int length) throws IOException, InterruptedException {
    long period = Duration.ofSeconds(1).toNanos() / updates;
    long started = time.nanos();
    for (long n = 0; n < (long) length * updates; n++) {
      long wait = started + n * period - time.nanos();
      if (wait > 0) {
        time.sleep(Duration.ofNanos(wait));
      }
      callers.run(
          1,
          1,
          one ->
              new Connection.Request(
                  "PATCH",
                  WATCHED + "/watched",
                  "application/merge-patch+json",
                  Bodies.patch(time.nanos())));
    }
  }

  private static Connection.Request create(String collection, String body) {
    return Connection.Request.json("POST", collection, body);
  }

  private static Connection.Request get(long n) {
    return get(n, "");
  }

  private static Connection.Request get(long n, String query) {
    return Connection.Request.get(CONFIG_MAPS + "/kept-" + n % KEPT + query);
  }

  private Connection.Request update(long n) {
    String name = "kept-" + n % KEPT;
    return Connection.Request.json(
        "PUT", CONFIG_MAPS + "/" + name, Bodies.configMap(name, time.nanos()));
  }

  private Connection.Request patch(long n) {
    return new Connection.Request(
        "PATCH",
        CONFIG_MAPS + "/kept-" + n % KEPT,
        "application/merge-patch+json",
        Bodies.patch(time.nanos()));
  }

  private double cpuSeconds() throws IOException {
    return Usage.cpuSeconds(apiServer) + Usage.cpuSeconds(store);
  }

  private void memory(String when) throws IOException {
    System.out.printf(
        Locale.ROOT,
        "resident MiB %s: API server %.0f, store %.0f"
            + "   kube-apiserver: 320 MB idle, 1,100 MB with 10,000 pods%n",
        when,
        Usage.residentMebibytes(apiServer),
        Usage.residentMebibytes(store));
  }
}
