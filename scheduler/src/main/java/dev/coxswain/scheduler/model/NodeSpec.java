package dev.coxswain.scheduler.model;

import java.util.List;
import java.util.Map;

/**
 * A node as it was last reported.
 *
 * @param name its name
 * @param labels its labels
 * @param taints its taints
 * @param unschedulable whether it is cordoned
 * @param allocatable what its pods may use in all
 * @param maxPods how many pods it may have
 * @param images the sizes in bytes of the images it has, by every name they go by
 */
public record NodeSpec(
    String name,
    Map<String, String> labels,
    List<Taint> taints,
    boolean unschedulable,
    Resources allocatable,
    int maxPods,
    Map<String, Long> images) {
  private static final String ZONE = "topology.kubernetes.io/zone";

  public NodeSpec {
    labels = Map.copyOf(labels);
    taints = List.copyOf(taints);
    images = Map.copyOf(images);
  }

  /** The failure domain; empty for none. */
  public String zone() {
    return labels.getOrDefault(ZONE, "");
  }
}
