package dev.coxswain.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What a process has used, as Linux tells it in /proc. */
public final class Usage {
  /** Linux' clock ticks to a second, as in /proc/PID/stat. */
  private static final double TICKS_A_SECOND = 100;

  private Usage() {}

  /** Seconds of CPU since the process began, user and system; 0 for one that is gone. */
  public static double cpuSeconds(long pid) throws IOException {
    Path file = Path.of("/proc", Long.toString(pid), "stat");
    if (!Files.exists(file)) {
      return 0;
    }
    String stat = Files.readString(file);
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    // Fields 14 and 15 of proc(5): user and system time; two came before the cut.
    return (Double.parseDouble(fields[11]) + Double.parseDouble(fields[12])) / TICKS_A_SECOND;
  }

  /** CPU seconds so far of each process that {@code cox status} names, by its name. */
  public static Map<String, Double> cpuSeconds(JsonNode status) throws IOException {
    Map<String, Double> seconds = new LinkedHashMap<>();
    for (JsonNode process : status.path("processes")) {
      seconds.put(process.path("name").asString(), cpuSeconds(process.path("pid").asLong()));
    }
    return seconds;
  }

  /** Resident memory in MiB; 0 for one that is gone. */
  public static double residentMebibytes(long pid) throws IOException {
    Path file = Path.of("/proc", Long.toString(pid), "status");
    if (!Files.exists(file)) {
      return 0;
    }
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith("VmRSS:")) {
        return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
      }
    }
    return 0;
  }
}
