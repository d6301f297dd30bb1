package dev.coxswain.scheduler.snapshot;

import java.util.Arrays;

/** A number for each node, by slot. */
public final class SlotCounts {
  private int[] counts = new int[0];
  private long total;

  /** The node's number. */
  public int at(NodeInfo node) {
    return node.slot() < counts.length ? counts[node.slot()] : 0;
  }

  /** The sum over all nodes. */
  public long total() {
    return total;
  }

  void add(int slot, int delta) {
    if (slot >= counts.length) {
      counts = Arrays.copyOf(counts, Math.max(slot + 1, counts.length * 2));
    }
    counts[slot] += delta;
    total += delta;
  }
}
