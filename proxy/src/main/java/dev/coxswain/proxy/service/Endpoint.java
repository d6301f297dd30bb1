package dev.coxswain.proxy.service;

import java.util.Comparator;

/**
 * Where a service port leads to.
 *
 * @param address the IPv4 address
 * @param port the port there
 * @param local whether it is on this node
 * @param ready whether it takes new connections
 * @param serving whether it would, were it not terminating
 * @param terminating whether its pod is being deleted
 * @param hint for whom it had better be used
 */
public record Endpoint(
    String address,
    int port,
    boolean local,
    boolean ready,
    boolean serving,
    boolean terminating,
    Hint hint)
    implements Comparable<Endpoint> {
  private static final Comparator<Endpoint> ORDER =
      Comparator.comparing(Endpoint::address).thenComparingInt(Endpoint::port);

  /** One for everybody. */
  public Endpoint(
      String address,
      int port,
      boolean local,
      boolean ready,
      boolean serving,
      boolean terminating) {
    this(address, port, local, ready, serving, terminating, Hint.NONE);
  }

  /** {@code address:port}. */
  public String target() {
    return address + ":" + port;
  }

  /** By target. */
  @Override
  public int compareTo(Endpoint other) {
    return ORDER.compare(this, other);
  }
}
