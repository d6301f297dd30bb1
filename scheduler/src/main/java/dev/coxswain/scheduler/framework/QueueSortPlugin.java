package dev.coxswain.scheduler.framework;

import dev.coxswain.scheduler.model.PodInfo;
import java.util.Comparator;

/** Decides who is tried first; exactly one for all profiles. */
public interface QueueSortPlugin extends Plugin {
  /** Orders pods; among equals the one that waits longer comes first. */
  Comparator<PodInfo> order();
}
