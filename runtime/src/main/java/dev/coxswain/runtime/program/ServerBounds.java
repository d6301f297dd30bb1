package dev.coxswain.runtime.program;

/** What the JDK's HTTP server bounds by property alone, and not at all by itself. */
public final class ServerBounds {
  /** Connections at once: some of everybody who looks, and some of who only holds them. */
  private static final int MOST_CONNECTIONS = 1000;

  /** How long a handshake and a request may take to arrive, in seconds. */
  private static final int REQUEST_SECONDS = 10;

  private ServerBounds() {}

  /** Sets them for this process; to be called before its first server is made. */
  public static void set() {
    System.setProperty("jdk.httpserver.maxConnections", Integer.toString(MOST_CONNECTIONS));
    System.setProperty("sun.net.httpserver.maxReqTime", Integer.toString(REQUEST_SECONDS));
  }
}
