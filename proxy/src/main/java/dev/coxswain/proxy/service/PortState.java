package dev.coxswain.proxy.service;

import java.util.List;
import java.util.function.Predicate;

/**
 * A service port with all its endpoints, ordered by target.
 *
 * @param port the port
 * @param endpoints every endpoint, also those that take no traffic
 * @param place where the traffic begins
 */
public record PortState(ServicePort port, List<Endpoint> endpoints, Place place) {
  public PortState {
    endpoints = endpoints.stream().sorted().toList();
  }

  /** For traffic that begins anywhere. */
  public PortState(ServicePort port, List<Endpoint> endpoints) {
    this(port, endpoints, Place.ANYWHERE);
  }

  /**
   * The endpoints for traffic that may leave the node: the ready ones, the near ones of these or,
   * where there are none, those that still serve while they terminate (KEP-1669).
   */
  public List<Endpoint> clusterEndpoints() {
    return place.near(usable(endpoint -> true));
  }

  /** The endpoints for traffic that must stay on the node, by the same rule. */
  public List<Endpoint> localEndpoints() {
    return usable(Endpoint::local);
  }

  private List<Endpoint> usable(Predicate<Endpoint> candidate) {
    List<Endpoint> ready = endpoints.stream().filter(candidate).filter(Endpoint::ready).toList();
    if (!ready.isEmpty()) {
      return ready;
    }
    return endpoints.stream()
        .filter(candidate)
        .filter(endpoint -> endpoint.serving() && endpoint.terminating())
        .toList();
  }
}
