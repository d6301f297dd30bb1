package dev.coxswain.proxy.service;

import java.util.List;
import java.util.function.Function;

/**
 * Where this proxy is.
 *
 * @param node the node's name
 * @param zone its zone; empty where it says none
 */
public record Place(String node, String zone) {
  /** Nowhere in particular. */
  public static final Place ANYWHERE = new Place("", "");

  /**
   * Those of some endpoints that are hinted to be for this node, else for this zone; all of them,
   * unless every one has such a hint and one is for here (KEP-2433, KEP-3015).
   */
  List<Endpoint> near(List<Endpoint> endpoints) {
    List<Endpoint> sameNode = hinted(endpoints, node, Hint::nodes);
    return sameNode.isEmpty() ? orAll(hinted(endpoints, zone, Hint::zones), endpoints) : sameNode;
  }

  private static List<Endpoint> orAll(List<Endpoint> some, List<Endpoint> all) {
    return some.isEmpty() ? all : some;
  }

  private static List<Endpoint> hinted(
      List<Endpoint> endpoints, String here, Function<Hint, List<String>> part) {
    return here.isEmpty()
            || endpoints.stream().anyMatch(endpoint -> part.apply(endpoint.hint()).isEmpty())
        ? List.of()
        : endpoints.stream()
            .filter(endpoint -> part.apply(endpoint.hint()).contains(here))
            .toList();
  }
}
