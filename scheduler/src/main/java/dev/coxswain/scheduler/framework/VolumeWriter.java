package dev.coxswain.scheduler.framework;

import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.VolumePlan;
import java.time.Duration;

/** Carries out what was decided about a pod's claims. */
@FunctionalInterface
public interface VolumeWriter {
  /**
   * Gives claims their volumes, has volumes made for the node, and waits until all are bound.
   *
   * @throws IllegalStateException when that will not come to pass, or took longer than the patience
   */
  void write(PodInfo pod, String node, VolumePlan plan, Duration patience)
      throws InterruptedException;
}
