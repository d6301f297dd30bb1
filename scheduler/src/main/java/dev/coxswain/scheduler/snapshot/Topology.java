package dev.coxswain.scheduler.snapshot;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The domains that one node label makes: nodes with an equal value are in the same domain. Domains
 * are numbered, so that per-domain sums are arrays.
 */
public final class Topology {
  /** The domain of a node that lacks the label. */
  public static final int NONE = -1;

  private final String key;
  private final Map<String, Integer> numbers = new HashMap<>();
  private int[] domains = new int[0];

  Topology(String key) {
    this.key = key;
  }

  /** The node label. */
  public String key() {
    return key;
  }

  /** The node's domain, or {@link #NONE}. */
  public int domain(NodeInfo node) {
    return node.slot() < domains.length ? domains[node.slot()] : NONE;
  }

  /** One more than the highest domain number. */
  public int size() {
    return numbers.size();
  }

  void put(int slot, @Nullable String value) {
    if (slot >= domains.length) {
      int before = domains.length;
      domains = Arrays.copyOf(domains, Math.max(slot + 1, before * 2));
      Arrays.fill(domains, before, domains.length, NONE);
    }
    domains[slot] = value == null ? NONE : numbers.computeIfAbsent(value, absent -> numbers.size());
  }
}
