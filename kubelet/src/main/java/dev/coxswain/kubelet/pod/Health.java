package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodStatus;
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

  /**
   * What holds for a running container until a probe says otherwise: what the status already says
   * of this very container (the kubelet's own restart is no reason to take it out of service), else
   * that it is not ready if anything must still be probed.
   */
  public static Health initial(PodStatus status, Container container, String containerId) {
    boolean startup = container.getStartupProbe() != null;
    boolean readiness = container.getReadinessProbe() != null;
    @Nullable ContainerStatus before = ContainerStatuses.find(status, container.getName());
    if (before != null
        && before.getContainerID() != null
        && before.getContainerID().endsWith("/" + containerId)
        && before.getState() != null
        && before.getState().getRunning() != null) {
      boolean started = !startup || Boolean.TRUE.equals(before.getStarted());
      boolean ready = started && (!readiness || Boolean.TRUE.equals(before.getReady()));
      return new Health(started, ready, null, null);
    }
    return new Health(!startup, !startup && !readiness, null, null);
  }
}
