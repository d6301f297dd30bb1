package dev.coxswain.deploy.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Looks processes up in /proc and ends them. */
public final class Processes {
  private static final Path PROC = Path.of("/proc");
  private static final Duration POLL = Duration.ofMillis(10);

  private Processes() {}

  /**
   * The host's pid of the process that its pid namespace (that of {@code member}) calls {@code
   * pid}.
   */
  public static Optional<ProcessRef> byNamespacePid(long member, long pid) {
    Optional<String> namespace = link(member, "ns/pid");
    for (long candidate : all()) {
      if (namespacePid(candidate) == pid && link(candidate, "ns/pid").equals(namespace)) {
        return ProcessRef.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** Every process whose environment holds {@code NAME=value}. */
  public static List<ProcessRef> withEnvironment(String name, String value) {
    String wanted = name + "=" + value;
    var found = new ArrayList<ProcessRef>();
    for (long pid : all()) {
      if (zeroSeparated(pid, "environ").contains(wanted)) {
        ProcessRef.of(pid).ifPresent(found::add);
      }
    }
    return found;
  }

  /** The first child of the process, if it has one. */
  public static Optional<ProcessRef> child(long pid) {
    return children(pid).stream().findFirst().flatMap(ProcessRef::of);
  }

  /** The pids of the children that the process's first thread has. */
  public static List<Long> children(long pid) {
    try {
      String children = Files.readString(PROC.resolve(pid + "/task/" + pid + "/children")).strip();
      return children.isEmpty()
          ? List.of()
          : Arrays.stream(children.split(" ", -1)).map(Long::parseLong).toList();
    } catch (IOException gone) {
      return List.of();
    }
  }

  /** The process's program and arguments; nothing when it is gone. */
  public static List<String> commandLine(long pid) {
    return zeroSeparated(pid, "cmdline");
  }

  /** Asks the process to leave, and makes it after the grace. Returns when it is gone. */
  public static void stop(Time time, ProcessRef process, Duration grace) {
    process.signal("TERM");
    if (!await(time, grace, () -> !process.alive())) {
      kill(time, process);
    }
  }

  /** Kills the process and returns when it is gone. */
  public static void kill(Time time, ProcessRef process) {
    process.signal("KILL");
    // The first process of a machine is gone only when all that ran there is.
    Duration limit = Duration.ofMinutes(1);
    if (!await(time, limit, () -> !process.alive())) {
      throw new CoxException(
          "process " + process.pid() + " does not die (killed " + limit.toSeconds() + " s ago)");
    }
  }

  /** Polls until the condition holds or the limit has passed; says whether it held. */
  public static boolean await(Time time, Duration limit, BooleanSupplier condition) {
    long deadline = time.nanos() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (time.nanos() - deadline > 0) {
        return false;
      }
      pause(time, POLL);
    }
    return true;
  }

  /** Sleeps; an interruption becomes an error that ends the command. */
  public static void pause(Time time, Duration duration) {
    try {
      time.sleep(duration);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new CoxException("interrupted", interrupted);
    }
  }

  private static List<Long> all() {
    var pids = new ArrayList<Long>();
    try (var entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
      entries.forEach(entry -> pids.add(Long.parseLong(entry.getFileName().toString())));
    } catch (IOException | DirectoryIteratorException unreadable) {
      throw new CoxException("/proc is not readable: " + unreadable.getMessage(), unreadable);
    }
    return pids;
  }

  private static List<String> zeroSeparated(long pid, String file) {
    try {
      // Bytes that are no UTF-8 are somebody else's, and no reason to stop.
      var text = new String(Files.readAllBytes(PROC.resolve(pid + "/" + file)), UTF_8);
      return Arrays.asList(text.split("\0", 0));
    } catch (IOException goneOrForeign) {
      return List.of();
    }
  }

  private static Optional<String> link(long pid, String name) {
    try {
      return Optional.of(Files.readSymbolicLink(PROC.resolve(pid + "/" + name)).toString());
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private static long namespacePid(long pid) {
    try (var lines = Files.lines(PROC.resolve(pid + "/status"))) {
      return lines
          .filter(line -> line.startsWith("NSpid:"))
          .map(line -> line.substring("NSpid:".length()).strip().split("\\s+", -1))
          .mapToLong(pids -> Long.parseLong(pids[pids.length - 1]))
          .findFirst()
          .orElse(-1);
    } catch (IOException | java.io.UncheckedIOException gone) {
      return -1;
    }
  }
}
