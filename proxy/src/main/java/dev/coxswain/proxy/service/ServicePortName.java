package dev.coxswain.proxy.service;

/**
 * The name of one port of a service.
 *
 * @param namespace the service's namespace
 * @param service the service's name
 * @param port the port's name; empty where the service has a single unnamed port
 */
public record ServicePortName(String namespace, String service, String port) {

  /**
   * {@code namespace/service:port}, the colon left out with an unnamed port, as upstream hashes it.
   */
  @Override
  public String toString() {
    String name = namespace + "/" + service;
    return port.isEmpty() ? name : name + ":" + port;
  }
}
