package dev.coxswain.kubelet.admission;

import dev.coxswain.kubelet.manifest.StaticPod;
import io.fabric8.kubernetes.api.model.Pod;

/** Which pods the node must run whatever else it has to give up: upstream's critical pods. */
public final class Critical {
  /** {@code system-cluster-critical} and above. */
  public static final int SYSTEM_PRIORITY = 2_000_000_000;

  private Critical() {}

  /** Whether the pod comes from a manifest or has a system priority. */
  public static boolean is(Pod pod) {
    return StaticPod.is(pod) || StaticPod.isMirror(pod) || priority(pod) >= SYSTEM_PRIORITY;
  }

  /** The pod's priority; 0 where it has none. */
  public static int priority(Pod pod) {
    Integer priority = pod.getSpec().getPriority();
    return priority == null ? 0 : priority;
  }
}
