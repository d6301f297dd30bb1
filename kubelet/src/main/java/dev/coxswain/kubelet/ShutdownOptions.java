package dev.coxswain.kubelet;

import dev.coxswain.kubelet.shutdown.ShutdownSettings;
import dev.coxswain.runtime.program.Durations;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags about what happens to pods when the node goes down. */
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

  ShutdownSettings settings(KubeletConfiguration file) {
    Duration all = Durations.parse("--shutdown-grace-period", whole(file));
    Duration last = Durations.parse("--shutdown-grace-period-critical-pods", critical(file));
    @Nullable List<KubeletConfiguration.PriorityGrace> byPriority =
        file.shutdownGracePeriodByPodPriority();
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

  String whole(KubeletConfiguration file) {
    return KubeletCommand.first(whole, file.shutdownGracePeriod(), NONE);
  }

  String critical(KubeletConfiguration file) {
    return KubeletCommand.first(critical, file.shutdownGracePeriodCriticalPods(), NONE);
  }
}
