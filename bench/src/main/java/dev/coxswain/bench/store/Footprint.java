package dev.coxswain.bench.store;

import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What data costs: resident memory with it, and the time of a start with it. One member each. */
final class Footprint {
  private static final int CALLERS = 64;
  private static final int MEGABYTES = 200;
  private static final int RESTART_MEGABYTES = 500;
  private static final int KIB_A_MEGABYTE = 1024;

  /** For etcd, whose default would keep 10 minutes of history; ours has room as its heap has. */
  private static final List<String> ROOM = List.of("--quota-backend-bytes=8000000000");

  private static final Duration SETTLE = Duration.ofSeconds(20);
  private static final int OPERATIONS = 1_000_000;
  private static final int SMALL_BYTES = 64;
  private static final int SMALL_KEYS = 10_000;

  private final Path directory;
  private final List<String> java;
  private final Time time;
  private final Ratios ratios;

  Footprint(Path directory, List<String> java, Time time, Ratios ratios) {
    this.directory = directory;
    this.java = java;
    this.time = time;
    this.ratios = ratios;
  }

  private Contender start(Members.Kind kind, String name, int keys, List<String> heap)
      throws IOException, InterruptedException {
    List<String> flags = new ArrayList<>(java);
    flags.addAll(heap);
    Contender contender =
        new Contender(new Members(kind, 1, directory.resolve(name), time, flags, ROOM), time, keys);
    contender.members().awaitReady();
    return contender;
  }

  /** Resident memory once so much lies in distinct keys of 1 KiB, and writing has stopped. */
  void memory() throws IOException, InterruptedException {
    ratios.title("one member, %d MiB in keys of 1 KiB".formatted(MEGABYTES));
    Map<Members.Kind, Double> resident = new EnumMap<>(Members.Kind.class);
    for (Members.Kind kind : Members.Kind.values()) {
      try (Contender each = start(kind, "memory", MEGABYTES * KIB_A_MEGABYTE, List.of())) {
        each.load().fill(CALLERS);
        time.sleep(SETTLE);
        resident.put(kind, each.resident());
      }
    }
    double ours = resident.getOrDefault(Members.Kind.COXSWAIN, Double.NaN);
    double etcd = resident.getOrDefault(Members.Kind.ETCD, Double.NaN);
    ratios.row("resident MiB", ours, etcd);
    ratios.row("resident for each byte of data", ours / MEGABYTES, etcd / MEGABYTES);
  }

  /** A start after kill -9 with so much state, and a million small writes after it. */
  void restart() throws IOException, InterruptedException {
    ratios.title(
        "one member, %d MiB, then %d small writes".formatted(RESTART_MEGABYTES, OPERATIONS));
    Map<Members.Kind, Double> ready = new EnumMap<>(Members.Kind.class);
    for (Members.Kind kind : Members.Kind.values()) {
      try (Contender each =
              start(kind, "restart", RESTART_MEGABYTES * KIB_A_MEGABYTE, List.of("-Xmx2g"));
          Load small = new Load(each.members().clientPorts(), time, SMALL_KEYS, SMALL_BYTES)) {
        each.load().fill(CALLERS);
        small.requests(Work.PUT, 4 * CALLERS, OPERATIONS);
        ratios.note("%s: log at entry %d".formatted(kind, each.members().logIndex(0)));
        each.members().kill(0);
        ready.put(kind, each.members().restart(0));
      }
    }
    ratios.row(
        "start until ready, s",
        ready.getOrDefault(Members.Kind.COXSWAIN, Double.NaN),
        ready.getOrDefault(Members.Kind.ETCD, Double.NaN));
  }
}
