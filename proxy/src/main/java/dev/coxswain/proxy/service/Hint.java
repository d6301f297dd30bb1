package dev.coxswain.proxy.service;

import java.util.List;

/**
 * For whom an endpoint had better be used.
 *
 * @param nodes clients on these nodes
 * @param zones clients in these zones
 */
public record Hint(List<String> nodes, List<String> zones) {
  /** For everybody. */
  public static final Hint NONE = new Hint(List.of(), List.of());

  public Hint {
    nodes = List.copyOf(nodes);
    zones = List.copyOf(zones);
  }
}
