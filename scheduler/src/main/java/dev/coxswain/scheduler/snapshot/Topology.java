package dev.coxswain.scheduler.snapshot;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
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

  /** The value that each number stands for; those that stand for none are free. */
  private final List<String> values = new ArrayList<>();

  private final Deque<Integer> free = new ArrayDeque<>();

  /** How many nodes are in each domain. */
  private int[] members = new int[0];

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
    return values.size();
  }

  void put(int slot, @Nullable String value) {
    if (slot >= domains.length) {
      int before = domains.length;
      domains = Arrays.copyOf(domains, Math.max(slot + 1, before * 2));
      Arrays.fill(domains, before, domains.length, NONE);
    }
    int before = domains[slot];
    int after = value == null ? NONE : numbers.computeIfAbsent(value, this::number);
    if (before == after) {
      return;
    }
    domains[slot] = after;
    if (after != NONE) {
      members[after]++;
    }
    if (before != NONE && --members[before] == 0) {
      // Nodes come and go, each with a name of its own: what is kept is bounded by those there are.
      numbers.remove(values.get(before));
      free.push(before);
    }
  }

  private int number(String value) {
    if (!free.isEmpty()) {
      int number = free.pop();
      values.set(number, value);
      return number;
    }
    values.add(value);
    if (values.size() > members.length) {
      members = Arrays.copyOf(members, Math.max(values.size(), members.length * 2));
    }
    return values.size() - 1;
  }
}
