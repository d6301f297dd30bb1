package dev.coxswain.bench.store;

import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Puts of 1 KiB with 1, 16, 64 and 256 in flight, against this store and against the etcd on the
 * path, both up all the time, in alternating windows. Prints what each did and ours as a ratio of
 * etcd's; the ratios are what to look at, since the machine may be busy.
 *
 * <p>Arguments: members (1), seconds a window (5), windows of each (3), a directory (temporary).
 */
public final class StoreBench {
  private static final List<Integer> IN_FLIGHT = List.of(1, 16, 64, 256);
  private static final Duration WARM_UP = Duration.ofSeconds(10);
  private static final Duration START = Duration.ofSeconds(15);

  private StoreBench() {}

  private static final class Sum {
    private double rate;
    private double median;
    private double ninetyNinth;
    private double cpuMillis;
    private long failures;

    void add(Load.Result result, double cpuSeconds, double seconds) {
      rate += result.rate();
      median += result.median();
      ninetyNinth += result.ninetyNinth();
      cpuMillis += cpuSeconds * 1000 / (result.rate() * seconds);
      failures += result.failures();
    }
  }

  /** Runs it. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int members = number(arguments, 0, 1);
    int seconds = number(arguments, 1, 5);
    int windows = number(arguments, 2, 3);
    Path directory =
        arguments.length > 3 ? Path.of(arguments[3]) : Files.createTempDirectory("store-bench");
    Time time = new SystemTime();
    PrintStream out = System.out;
    try (Members ours = new Members("coxswain", members, directory);
        Members etcd = new Members("etcd", members, directory);
        Load ourLoad = new Load(ours.clientPorts(), time);
        Load etcdLoad = new Load(etcd.clientPorts(), time)) {
      time.sleep(START);
      ourLoad.puts(64, WARM_UP);
      etcdLoad.puts(64, WARM_UP);
      out.printf("%d member(s), %d x %d s each, puts of 1 KiB%n", members, windows, seconds);
      out.printf(
          "%9s %28s %28s %28s %30s %8s%n",
          "in flight",
          "rate/s ours etcd",
          "p50 ms ours etcd",
          "p99 ms ours etcd",
          "CPU ms/op ours etcd",
          "failed");
      for (int inFlight : IN_FLIGHT) {
        Sum mine = new Sum();
        Sum theirs = new Sum();
        for (int i = 0; i < windows; i++) {
          measure(ours, ourLoad, inFlight, seconds, mine);
          measure(etcd, etcdLoad, inFlight, seconds, theirs);
        }
        out.printf("%9d", inFlight);
        pair(out, mine.rate / windows, theirs.rate / windows);
        pair(out, mine.median / windows, theirs.median / windows);
        pair(out, mine.ninetyNinth / windows, theirs.ninetyNinth / windows);
        pair(out, mine.cpuMillis / windows, theirs.cpuMillis / windows);
        out.printf(" %d/%d%n", mine.failures, theirs.failures);
      }
      out.print("resident MiB, all members:");
      pair(out, ours.residentMegabytes(), etcd.residentMegabytes());
      out.println();
    }
  }

  private static void measure(Members members, Load load, int inFlight, int seconds, Sum sum)
      throws IOException {
    double before = members.cpuSeconds();
    Load.Result result = load.puts(inFlight, Duration.ofSeconds(seconds));
    sum.add(result, members.cpuSeconds() - before, seconds);
  }

  private static void pair(PrintStream out, double ours, double theirs) {
    out.printf(" %10.2f %10.2f (%4.2fx)", ours, theirs, ours / theirs);
  }

  private static int number(String[] arguments, int index, int otherwise) {
    return arguments.length > index ? Integer.parseInt(arguments[index]) : otherwise;
  }
}
