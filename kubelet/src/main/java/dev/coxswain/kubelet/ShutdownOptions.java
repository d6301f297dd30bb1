package dev.coxswain.kubelet;

import dev.coxswain.kubelet.shutdown.ShutdownSettings;
import dev.coxswain.runtime.program.Durations;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags about what happens to pods when the node goes down or is lost. */
final class ShutdownOptions {
  private static final String NONE = "0s";

  @Option(
      names = "--shutdown-grace-period",
      description =
          "For how long pods may delay the node's shutdown, of which SIGUSR1 tells. Default: 0s,"
              + " pods are not ended.")
  private @Nullable String whole;

  @Option(
      names = "--shutdown-grace-period-critical-pods",
      description = "How much of it is kept for critical pods, which end last. Default: 0s.")
  private @Nullable String critical;

  @Option(
      names = "--fence-after",
      description =
          "Stops all pods but static ones when the node's lease has not been renewed for this long,"
              + " so that they can safely be replaced elsewhere. Default: 0s, never.")
  private @Nullable String fence;

  /** The same in the file, and what no flag can say. */
  record Fields(
      @Nullable String shutdownGracePeriod,
      @Nullable String shutdownGracePeriodCriticalPods,
      @Nullable List<PriorityGrace> shutdownGracePeriodByPodPriority,
      @Nullable String fenceAfter) {}

  /** How long pods from a priority on may take when the node goes down. */
  record PriorityGrace(int priority, long shutdownGracePeriodSeconds) {}

  ShutdownSettings settings(Fields file) {
    Duration all = Durations.parse("--shutdown-grace-period", whole(file));
    Duration last = Durations.parse("--shutdown-grace-period-critical-pods", critical(file));
    @Nullable List<PriorityGrace> byPriority = file.shutdownGracePeriodByPodPriority();
    if (byPriority == null || byPriority.isEmpty()) {
      return ShutdownSettings.of(all, last);
    }
    if (!all.isZero() || !last.isZero()) {
      throw new IllegalArgumentException(
          "invalid configuration: Cannot specify both shutdownGracePeriodByPodPriority and"
              + " shutdownGracePeriod at the same time");
    }
    return new ShutdownSettings(
        byPriority.stream()
            .map(one ->
                new ShutdownSettings.Period(
                    one.priority(),
                    Duration.ofSeconds(Math.max(0, one.shutdownGracePeriodSeconds()))))
            .toList());
  }

  /** For how long the node's lease may be in doubt; zero for ever. */
  Duration fence(Fields file) {
    return Durations.parse("--fence-after", fenceAfter(file));
  }

  /** With these flags and the defaults taken in. */
  Fields inForce(Fields file) {
    return new Fields(
        whole(file), critical(file), file.shutdownGracePeriodByPodPriority(), fenceAfter(file));
  }

  private String whole(Fields file) {
    return KubeletCommand.first(whole, file.shutdownGracePeriod(), NONE);
  }

  private String critical(Fields file) {
    return KubeletCommand.first(critical, file.shutdownGracePeriodCriticalPods(), NONE);
  }

  private String fenceAfter(Fields file) {
    return KubeletCommand.first(fence, file.fenceAfter(), NONE);
  }
}
