package dev.coxswain.apiserver.connect;

import java.util.Locale;
import java.util.Set;

/**
 * Where a connection goes on to.
 *
 * @param scheme {@code https} or {@code http}
 * @param host a host name or address
 * @param port the port
 * @param peer who is expected there; counts only where the scheme is {@code https}
 * @param uri the path and query
 */
public record Target(String scheme, String host, int port, Peer peer, String uri) {
  /** Headers that are about this server's own connection, or say who asks. */
  private static final Set<String> OWN =
      Set.of("host", "authorization", "content-length", "transfer-encoding", "http2-settings");

  boolean tls() {
    return scheme.equals("https");
  }

  /** Whether a client's header is handed on. */
  static boolean handsOn(String header) {
    String name = header.toLowerCase(Locale.ROOT);
    return !OWN.contains(name)
        && !name.startsWith("impersonate-")
        && !name.startsWith("x-remote-")
        && !name.startsWith("x-http2-")
        && !name.startsWith(":");
  }

  /** Without the query: it may carry what should not be logged. */
  @Override
  public String toString() {
    int mark = uri.indexOf('?');
    return scheme + "://" + host + ":" + port + (mark < 0 ? uri : uri.substring(0, mark));
  }
}
