package dev.coxswain.scheduler.snapshot;

import java.util.HashMap;
import java.util.Map;

/** How often each term is carried by the pods of each node; replicas share their terms. */
public final class TermCounts<T> {
  private final Map<T, SlotCounts> counts = new HashMap<>();

  /** The terms that any pod carries. */
  public Map<T, SlotCounts> all() {
    return counts;
  }

  void add(T term, int slot, int delta) {
    SlotCounts of = counts.computeIfAbsent(term, absent -> new SlotCounts());
    of.add(slot, delta);
    if (of.total() == 0) {
      counts.remove(term);
    }
  }
}
