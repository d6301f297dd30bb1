package dev.coxswain.scheduler.snapshot;

import dev.coxswain.api.meta.ObjectKey;
import java.util.List;
import java.util.Map;

/**
 * What has to happen to a pod's claims if it goes to a node.
 *
 * @param volumes existing volumes to give to claims, by claim
 * @param provision claims for which a volume is to be made
 */
public record VolumePlan(Map<ObjectKey, String> volumes, List<ObjectKey> provision) {
  /** Nothing to do. */
  public static final VolumePlan NOTHING = new VolumePlan(Map.of(), List.of());

  public VolumePlan {
    volumes = Map.copyOf(volumes);
    provision = List.copyOf(provision);
  }

  /** Whether nothing is to be done. */
  public boolean isEmpty() {
    return volumes.isEmpty() && provision.isEmpty();
  }
}
