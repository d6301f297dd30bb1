package dev.coxswain.kubelet.server;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.ArrayList;
import java.util.List;

/** The ports that a client without streams of its own choosing names ahead. */
final class ForwardedPorts {
  private static final int HIGHEST = 65535;

  private ForwardedPorts() {}

  /**
   * The ports of a query, in its order: the API's {@code ports} or the kubelet's {@code port}, each
   * once or several, with commas or without.
   *
   * @throws IllegalArgumentException where one is none
   */
  static List<Integer> of(QueryStringDecoder uri) {
    List<Integer> ports = new ArrayList<>();
    for (String name : List.of("port", "ports")) {
      for (String values : uri.parameters().getOrDefault(name, List.of())) {
        for (String value : values.split(",", -1)) {
          ports.add(port(value));
        }
      }
    }
    return ports;
  }

  private static int port(String value) {
    try {
      int port = Integer.parseInt(value);
      if (port > 0 && port <= HIGHEST) {
        return port;
      }
    } catch (NumberFormatException none) {
      // Told below, like one that is too large.
    }
    throw new IllegalArgumentException("unable to parse \"" + value + "\" as a port");
  }
}
