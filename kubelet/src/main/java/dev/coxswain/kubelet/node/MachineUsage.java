package dev.coxswain.kubelet.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the machine as a whole uses now.
 *
 * @param cpuNanos processor time since it was started, all processors together
 * @param memoryAvailableBytes memory that could still be given out without swapping
 * @param memoryUsedBytes the rest
 */
public record MachineUsage(long cpuNanos, long memoryAvailableBytes, long memoryUsedBytes) {
  /** The unit of {@code /proc/stat}: a hundredth of a second on every Linux. */
  private static final long NANOS_PER_TICK = 10_000_000;

  private static final long KIBI = 1024;

  /** Reads the kernel's files. */
  public static MachineUsage read() throws IOException {
    return parse(
        Files.readAllLines(Path.of("/proc/stat")), Files.readAllLines(Path.of("/proc/meminfo")));
  }

  static MachineUsage parse(List<String> stat, List<String> memory) throws IOException {
    String[] times = line(stat, "cpu ").split(" +", -1);
    long busy = 0;
    for (int i = 1; i <= 8 && i < times.length; i++) {
      // The fourth and fifth are idling and waiting for disks; guests are counted in the first two.
      if (i != 4 && i != 5) {
        busy += Long.parseLong(times[i]);
      }
    }
    long available = kibibytes(line(memory, "MemAvailable:"));
    long total = kibibytes(line(memory, "MemTotal:"));
    return new MachineUsage(busy * NANOS_PER_TICK, available, total - available);
  }

  private static long kibibytes(String line) {
    return Long.parseLong(line.replaceAll("[^0-9]", "")) * KIBI;
  }

  private static String line(List<String> lines, String start) throws IOException {
    return lines.stream()
        .filter(line -> line.startsWith(start))
        .findFirst()
        .orElseThrow(() -> new IOException("the kernel does not say " + start.strip()));
  }
}
