package dev.coxswain.apiserver.service;

/**
 * The ports that Services may take on every node.
 *
 * @param first the first
 * @param last the last
 */
public record PortRange(int first, int last) {

  /**
   * Reads {@code 30000-32767}.
   *
   * @throws IllegalArgumentException where it is not such a range
   */
  public static PortRange parse(String text) {
    int dash = text.indexOf('-');
    try {
      int first = Integer.parseInt(text.substring(0, Math.max(0, dash)));
      int last = Integer.parseInt(text.substring(dash + 1));
      if (first > 0 && first <= last && last <= 65535) {
        return new PortRange(first, last);
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new IllegalArgumentException(
        "--service-node-port-range: " + text + " is no range such as 30000-32767");
  }

  int size() {
    return last - first + 1;
  }

  boolean contains(int port) {
    return port >= first && port <= last;
  }
}
