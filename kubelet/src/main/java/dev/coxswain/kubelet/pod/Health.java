package dev.coxswain.kubelet.pod;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the probes say of one container.
 *
 * @param started whether the startup probe passed, or there is none
 * @param ready whether the readiness probe passes, or there is none
 * @param failure why it must be restarted; null while it need not be
 * @param graceOverride the failed probe's own grace period; null where it has none
 */
public record Health(
    boolean started, boolean ready, @Nullable String failure, @Nullable Duration graceOverride) {

  /** A container without probes. */
  public static final Health WITHOUT_PROBES = new Health(true, true, null, null);

  /** A container whose probes have not answered yet. */
  public static Health unknown(boolean startup, boolean readiness) {
    return new Health(!startup, !startup && !readiness, null, null);
  }
}
