package dev.coxswain.kubelet;

import dev.coxswain.kubelet.log.LogRotator;
import dev.coxswain.runtime.program.Durations;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags about how much is kept of what containers write. */
final class LogOptions {
  private static final String DEFAULT_SIZE = "10Mi";
  private static final int DEFAULT_FILES = 5;
  private static final String DEFAULT_PERIOD = "10s";
  private static final Duration SHORTEST_PERIOD = Duration.ofSeconds(3);

  @Option(
      names = "--container-log-max-size",
      description = "A container's log is rotated beyond this size. Default: 10Mi.")
  private @Nullable String size;

  @Option(
      names = "--container-log-max-files",
      description = "The most log files of a container, at least 2. Default: 5.")
  private @Nullable Integer files;

  /** The same in the file. */
  record Fields(
      @Nullable String containerLogMaxSize,
      @Nullable Integer containerLogMaxFiles,
      @Nullable String containerLogMonitorInterval,
      @Nullable Boolean enableSystemLogHandler) {}

  /** With these flags and the defaults taken in. */
  Fields inForce(Fields file) {
    return new Fields(size(file), files(file), period(file), showsSystem(file));
  }

  /** Whether the logs of the node itself are shown at {@code /logs/}; only the file says so. */
  boolean showsSystem(Fields file) {
    return KubeletCommand.first(null, file.enableSystemLogHandler(), true);
  }

  LogRotator.Limits limits(Fields file) {
    String most = size(file);
    int count = files(file);
    if (count < 2) {
      throw new IllegalArgumentException(
          "--container-log-max-files: " + count + " is too few: want at least 2");
    }
    Duration period = Durations.parse("containerLogMonitorInterval", period(file));
    if (period.compareTo(SHORTEST_PERIOD) < 0) {
      throw new IllegalArgumentException(
          "containerLogMonitorInterval: " + period(file) + " is too short: want at least 3s");
    }
    try {
      return new LogRotator.Limits(
          Quantity.getAmountInBytes(new Quantity(most)).longValueExact(), count, period);
    } catch (IllegalArgumentException | ArithmeticException malformed) {
      throw new IllegalArgumentException(
          "--container-log-max-size: " + most + " is not an amount of bytes", malformed);
    }
  }

  private String size(Fields file) {
    return KubeletCommand.first(size, file.containerLogMaxSize(), DEFAULT_SIZE);
  }

  /** Only the file says so. */
  private static String period(Fields file) {
    return KubeletCommand.first(null, file.containerLogMonitorInterval(), DEFAULT_PERIOD);
  }

  private int files(Fields file) {
    return KubeletCommand.first(files, file.containerLogMaxFiles(), DEFAULT_FILES);
  }
}
