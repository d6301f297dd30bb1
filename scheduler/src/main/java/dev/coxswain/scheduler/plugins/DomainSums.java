package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.snapshot.NodeInfo;
import dev.coxswain.scheduler.snapshot.Topology;

/** A sum for each domain of a topology. */
final class DomainSums {
  private final Topology topology;
  private final long[] sums;
  private final boolean[] counted;

  DomainSums(Topology topology) {
    this.topology = topology;
    this.sums = new long[topology.size()];
    this.counted = new boolean[topology.size()];
  }

  /** Whether the node is in any domain. */
  boolean has(NodeInfo node) {
    return topology.domain(node) != Topology.NONE;
  }

  /** Adds to the node's domain, if it has one; adding nothing counts the domain all the same. */
  void add(NodeInfo node, long amount) {
    int domain = topology.domain(node);
    if (domain != Topology.NONE) {
      sums[domain] += amount;
      counted[domain] = true;
    }
  }

  /** The sum of the node's domain; 0 where it has none. */
  long at(NodeInfo node) {
    int domain = topology.domain(node);
    return domain == Topology.NONE ? 0 : sums[domain];
  }

  /** How many domains were counted. */
  int domains() {
    int domains = 0;
    for (boolean one : counted) {
      domains += one ? 1 : 0;
    }
    return domains;
  }

  /** The smallest sum of a counted domain; the largest number there is where none was counted. */
  long least() {
    long least = Long.MAX_VALUE;
    for (int domain = 0; domain < sums.length; domain++) {
      if (counted[domain]) {
        least = Math.min(least, sums[domain]);
      }
    }
    return least;
  }
}
