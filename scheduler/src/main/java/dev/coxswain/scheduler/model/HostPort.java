package dev.coxswain.scheduler.model;

/**
 * A port that a pod takes of its node.
 *
 * @param address the node's address; {@code 0.0.0.0} for all
 * @param protocol in capitals
 * @param port the number
 */
public record HostPort(String address, String protocol, int port) {
  private static final String ALL = "0.0.0.0";

  /** Whether the two cannot be on one node. */
  public boolean conflicts(HostPort other) {
    return port == other.port
        && protocol.equals(other.protocol)
        && (address.equals(ALL) || other.address.equals(ALL) || address.equals(other.address));
  }
}
