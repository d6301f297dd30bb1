package dev.coxswain.kubelet;

import dev.coxswain.kubelet.pod.PodDecider;
import dev.coxswain.runtime.program.Durations;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a container that ends again and again waits before it is started once more; only the
 * file says so.
 */
record CrashLoopBackOff(@Nullable String maxContainerRestartPeriod) {
  private static final CrashLoopBackOff UNSAID = new CrashLoopBackOff(null);
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  static CrashLoopBackOff of(@Nullable CrashLoopBackOff file) {
    return file == null ? UNSAID : file;
  }

  /** The longest that it waits. */
  Duration longest() {
    if (maxContainerRestartPeriod == null) {
      return PodDecider.LONGEST_BACK_OFF;
    }
    String name = "crashLoopBackOff.maxContainerRestartPeriod";
    Duration longest = Durations.parse(name, maxContainerRestartPeriod);
    if (longest.compareTo(SHORTEST) < 0 || longest.compareTo(PodDecider.LONGEST_BACK_OFF) > 0) {
      throw new IllegalArgumentException(
          name + ": " + maxContainerRestartPeriod + " is not between 1s and 300s");
    }
    return longest;
  }

  CrashLoopBackOff inForce() {
    return new CrashLoopBackOff(
        KubeletCommand.first(
            null, maxContainerRestartPeriod, PodDecider.LONGEST_BACK_OFF.toSeconds() + "s"));
  }
}
