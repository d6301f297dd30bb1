package dev.coxswain.deploy.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * One process for its whole life: its pid and when it started, so that a reused pid is never taken
 * for it.
 *
 * @param pid as the host sees it
 * @param startTicks clock ticks between the machine's boot and its start
 * @param bootId which boot of the machine
 */
public record ProcessRef(long pid, long startTicks, String bootId) {
  /** USER_HZ: fixed at 100 in the kernel's user-space ABI. */
  private static final long TICKS_PER_SECOND = 100;

  private static final long PAGE_BYTES = 4096;

  /** The process that has the pid now, if any. */
  public static Optional<ProcessRef> of(long pid) {
    return stat(pid).map(stat -> new ProcessRef(pid, stat.startTicks(), currentBoot()));
  }

  /** Whether this very process still runs (a zombie does not). */
  public boolean alive() {
    return bootId.equals(currentBoot())
        && stat(pid)
            .filter(stat -> stat.startTicks() == startTicks && stat.state() != 'Z')
            .isPresent();
  }

  /** Resident memory in bytes; 0 when it is gone. */
  public long residentBytes() {
    return alive() ? stat(pid).map(Stat::residentPages).orElse(0L) * PAGE_BYTES : 0;
  }

  /**
   * Resident memory in bytes, a page that n processes share counted as its nth part; 0 when
   * unknown.
   */
  public long proportionalBytes() {
    try (var lines = Files.lines(Path.of("/proc", Long.toString(pid), "smaps_rollup"))) {
      return lines
          .filter(line -> line.startsWith("Pss:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .sum();
    } catch (IOException | UncheckedIOException gone) {
      return 0;
    }
  }

  public Instant startedAt() {
    return Instant.ofEpochSecond(bootSeconds()).plusMillis(startTicks * 1000 / TICKS_PER_SECOND);
  }

  /** Sends the signal to this very process; does nothing when it is gone. */
  public void signal(String name) {
    if (alive()) {
      Shell.run(java.util.List.of("kill", "-" + name, Long.toString(pid)));
    }
  }

  private record Stat(char state, long startTicks, long residentPages) {}

  private static Optional<Stat> stat(long pid) {
    try {
      String line = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      // The name stands in parentheses and may itself hold any character; fields count from behind
      // it.
      String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
      return Optional.of(
          new Stat(fields[0].charAt(0), Long.parseLong(fields[19]), Long.parseLong(fields[21])));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private static String currentBoot() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    } catch (IOException unreadable) {
      throw new CoxException("/proc is not readable: " + unreadable.getMessage(), unreadable);
    }
  }

  private static long bootSeconds() {
    try (var lines = Files.lines(Path.of("/proc/stat"))) {
      return lines
          .filter(line -> line.startsWith("btime "))
          .mapToLong(line -> Long.parseLong(line.substring(6).strip()))
          .findFirst()
          .orElse(0);
    } catch (IOException unreadable) {
      throw new CoxException("/proc is not readable: " + unreadable.getMessage(), unreadable);
    }
  }
}
