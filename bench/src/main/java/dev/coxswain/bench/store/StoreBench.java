package dev.coxswain.bench.store;

import dev.coxswain.bench.Bench;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * This store beside the etcd on the path: the same client program, members of each in processes of
 * their own on the same disk, both up all the time, in alternating windows. Every row has ours,
 * etcd's and ours as a ratio of etcd's; the ratios are what to look at, since the machine may be
 * busy. Our members run with the flags of the distribution, and with a start-up cache as it has.
 */
@Command(name = "store", description = "Measures the store beside the etcd on the path.")
public final class StoreBench extends Bench {
  private static final int KEYS = 10_000;
  private static final int FILLERS = 64;

  /** After a start the JIT is still at work. */
  private static final Duration SETTLE = Duration.ofSeconds(10);

  @Option(names = "--members", split = ",", description = "Sizes of the store to measure.")
  private List<Integer> sizes = List.of(1, 3);

  @Option(names = "--in-flight", split = ",", description = "Callers at a time.")
  private List<Integer> inFlight = List.of(1, 16, 64, 256);

  @Option(
      names = "--parts",
      split = ",",
      description = "What to measure: ${COMPLETION-CANDIDATES}. Default: all of it.")
  private Set<Part> parts = EnumSet.allOf(Part.class);

  @Option(names = "--seconds", description = "Length of a window.")
  private int seconds = 5;

  @Option(names = "--windows", description = "Windows of each store for a row.")
  private int windows = 3;

  @Option(names = "--warm-up", description = "Seconds of load on each store before the first row.")
  private int warmUp = 30;

  @Option(names = "--kills", description = "How often the leader is killed.")
  private int kills = 20;

  @Option(
      names = "--election-timeout",
      description = "Ours, in milliseconds. Default: each store has its own default.")
  private int electionTimeout;

  @Option(names = "--directory", description = "Where data and logs lie. Default: a new one.")
  private Path directory = Path.of("");

  @Option(names = "--java", split = " ", description = "Further flags for our JVMs.")
  private List<String> java = List.of();

  @Option(names = "--idle", description = "Seconds for which nobody uses either store.")
  private int idleSeconds = 20;

  private final Time time = new SystemTime();
  private final Ratios ratios = new Ratios(System.out);

  /** A part of the measurement. */
  enum Part {
    /** CPU and resident memory of members that nobody uses. */
    IDLE,
    /** Puts of 1 KiB, by the number in flight. */
    PUTS,
    /** Gets and ranges. */
    READS,
    /** Four gets for each put. */
    MIX,
    /** A hundred watches beside puts. */
    WATCHES,
    /** The longest write gap when the leader is killed. */
    GAP,
    /** Resident memory, idle and with 200 MB of data. */
    MEMORY,
    /** A start with 500 MB of data and a million operations since the snapshot. */
    RESTART
  }

  /** Runs it. */
  public static void main(String[] arguments) {
    run(new StoreBench(), arguments);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (directory.toString().isEmpty()) {
      directory = Files.createTempDirectory("store-bench");
    }
    Files.createDirectories(directory);
    java =
        Stream.concat(java.stream(), StartupCache.train(directory, java, time).stream()).toList();
    for (int size : sizes) {
      measure(size);
    }
    Footprint footprint = new Footprint(directory, java, time, ratios);
    if (parts.contains(Part.MEMORY)) {
      footprint.memory();
    }
    if (parts.contains(Part.RESTART)) {
      footprint.restart();
    }
    return 0;
  }

  private void measure(int size) throws IOException, InterruptedException {
    if (parts.stream().allMatch(part -> part == Part.MEMORY || part == Part.RESTART)) {
      return;
    }
    Path home = directory.resolve(size + "-members");
    List<String> flags = new ArrayList<>();
    if (electionTimeout > 0) {
      flags.add("--election-timeout=" + electionTimeout);
    }
    try (Contender ours =
            new Contender(
                new Members(Members.Kind.COXSWAIN, size, home, time, java, flags), time, KEYS);
        Contender etcd =
            new Contender(
                new Members(Members.Kind.ETCD, size, home, time, List.of(), List.of()),
                time,
                KEYS)) {
      double oursReady = ours.members().awaitReady();
      ratios.title("%d member(s), %d windows of %d s each".formatted(size, windows, seconds));
      ratios.row("start until ready, s", oursReady, etcd.members().awaitReady());
      if (parts.contains(Part.IDLE)) {
        idle(ours, etcd);
      }
      for (Contender each : List.of(ours, etcd)) {
        each.load().fill(FILLERS);
        each.load().window(Work.MIX, FILLERS, Duration.ofSeconds(warmUp));
      }
      if (parts.contains(Part.PUTS)) {
        for (int callers : inFlight) {
          compare(ours, etcd, Work.PUT, callers);
        }
      }
      if (parts.contains(Part.READS)) {
        compare(ours, etcd, Work.GET, 1);
        compare(ours, etcd, Work.GET, FILLERS);
        compare(ours, etcd, Work.RANGE, FILLERS);
      }
      if (parts.contains(Part.MIX)) {
        compare(ours, etcd, Work.MIX, FILLERS);
        compare(ours, etcd, Work.MIX, 4 * FILLERS);
      }
      if (parts.contains(Part.WATCHES)) {
        watches(ours, etcd);
      }
      ratios.row("resident MiB, all members, after that", ours.resident(), etcd.resident());
      if (parts.contains(Part.GAP) && size > 1) {
        gaps(ours, etcd);
      }
    }
  }

  // Both at the same time: they disturb each other less than whatever else runs would.
  private void idle(Contender ours, Contender etcd) throws IOException, InterruptedException {
    time.sleep(SETTLE);
    double mine = ours.members().cpuSeconds();
    double theirs = etcd.members().cpuSeconds();
    time.sleep(Duration.ofSeconds(idleSeconds));
    ratios.row(
        "  CPU idle, % of a core",
        (ours.members().cpuSeconds() - mine) * 100 / idleSeconds,
        (etcd.members().cpuSeconds() - theirs) * 100 / idleSeconds);
    ratios.row("  resident MiB, idle", ours.resident(), etcd.resident());
  }

  private void compare(Contender ours, Contender etcd, Work work, int callers) throws IOException {
    ratios.heading("%s, %d in flight".formatted(work.title(), callers));
    Contender.Sum mine = new Contender.Sum();
    Contender.Sum theirs = new Contender.Sum();
    for (int i = 0; i < windows; i++) {
      mine.add(ours.window(work, callers, seconds));
      theirs.add(etcd.window(work, callers, seconds));
    }
    ratios.row("  rate, 1/s", mine.rate(), theirs.rate());
    ratios.row("  p50, ms", mine.median(), theirs.median());
    ratios.row("  p99, ms", mine.ninetyNinth(), theirs.ninetyNinth());
    ratios.row("  CPU s for 1000", mine.cpuSeconds(), theirs.cpuSeconds());
    if (mine.failures() + theirs.failures() > 0) {
      ratios.row("  failed", (double) mine.failures(), (double) theirs.failures());
    }
  }

  private void watches(Contender ours, Contender etcd) throws IOException {
    int watchers = 100;
    int callers = 4;
    ratios.heading("%d watches of all keys beside %d callers putting".formatted(watchers, callers));
    Contender.Sum mine = new Contender.Sum();
    Contender.Sum theirs = new Contender.Sum();
    for (int i = 0; i < windows; i++) {
      mine.add(ours.watched(watchers, callers, seconds));
      theirs.add(etcd.watched(watchers, callers, seconds));
    }
    ratios.row("  puts, 1/s", mine.rate(), theirs.rate());
    ratios.row("  put until seen, p50 ms", mine.median(), theirs.median());
    ratios.row("  put until seen, p99 ms", mine.ninetyNinth(), theirs.ninetyNinth());
    ratios.row("  CPU s for 1000 puts", mine.cpuSeconds(), theirs.cpuSeconds());
  }

  private void gaps(Contender ours, Contender etcd) throws IOException, InterruptedException {
    ratios.heading("no write acknowledged when the leader is killed, of %d kills".formatted(kills));
    WriteGap.Result mine = new WriteGap(ours.members(), ours.load(), time).measure(kills);
    WriteGap.Result theirs = new WriteGap(etcd.members(), etcd.load(), time).measure(kills);
    ratios.row("  median gap, ms", mine.median(), theirs.median());
    ratios.row("  longest gap, ms", mine.longest(), theirs.longest());
  }
}
