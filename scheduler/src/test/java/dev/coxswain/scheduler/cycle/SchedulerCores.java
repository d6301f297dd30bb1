package dev.coxswain.scheduler.cycle;

import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.scheduler.config.SchedulerConfiguration;
import dev.coxswain.scheduler.framework.Handle;
import java.util.List;

/** Schedulers to test with. */
final class SchedulerCores {
  private SchedulerCores() {}

  /** One of the default configuration. */
  static SchedulerCore ofDefaults(Randomness randomness) {
    return new SchedulerCore(
        List.of(
            SchedulerConfiguration.DEFAULT
                .profiles()
                .getFirst()
                .profile(Handle.deciding(randomness))),
        BackoffRange.DEFAULT,
        randomness);
  }
}
