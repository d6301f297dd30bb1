package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.framework.QueueSortPlugin;
import dev.coxswain.scheduler.model.PodInfo;
import java.util.Comparator;

/** The higher priority first. */
record PrioritySort() implements QueueSortPlugin {
  @Override
  public Comparator<PodInfo> order() {
    return Comparator.comparingInt(PodInfo::priority).reversed();
  }
}
