package dev.coxswain.apiserver.connect;

import dev.coxswain.apiserver.request.Failures;
import java.util.Set;

/**
 * What stands for the name in the path of a proxied request: {@code [scheme:]name[:port]}.
 *
 * @param scheme {@code http} or {@code https}; empty where nothing is said
 * @param name the object's name
 * @param port a number, or the name of a Service's port; empty where nothing is said
 */
record SchemeNamePort(String scheme, String name, String port) {
  private static final Set<String> SCHEMES = Set.of("", "http", "https");

  /**
   * Takes it apart.
   *
   * @param kind what it names, for the message
   * @throws dev.coxswain.api.status.ApiException with reason {@code BadRequest}
   */
  static SchemeNamePort parse(String kind, String text) {
    String[] parts = text.split(":", -1);
    SchemeNamePort parsed =
        switch (parts.length) {
          case 1 -> new SchemeNamePort("", parts[0], "");
          case 2 -> new SchemeNamePort("", parts[0], parts[1]);
          case 3 -> new SchemeNamePort(parts[0], parts[1], parts[2]);
          default -> new SchemeNamePort("", "", "");
        };
    if (parsed.name.isEmpty() || !SCHEMES.contains(parsed.scheme)) {
      throw Failures.badRequest("invalid " + kind + " request \"" + text + "\"");
    }
    return parsed;
  }

  /** The scheme, plain where nothing is said. */
  String schemeOrPlain() {
    return scheme.isEmpty() ? "http" : scheme;
  }

  /**
   * The port as a number.
   *
   * @param otherwise what it is where nothing is said
   */
  int number(int otherwise) {
    if (port.isEmpty()) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(port);
      if (number > 0 && number < 1 << 16) {
        return number;
      }
    } catch (NumberFormatException notOne) {
      // Said below.
    }
    throw Failures.badRequest("invalid port \"" + port + "\"");
  }
}
