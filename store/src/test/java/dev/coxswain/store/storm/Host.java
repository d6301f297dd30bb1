package dev.coxswain.store.storm;

import dev.coxswain.runtime.program.HeldPort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A member by its name, with ports of its own. */
record Host(String name, int client, int peer) {
  /**
   * Longer than by default: what these tests are about is not that a busy machine lets a leader's
   * word come half a second late, and another be elected. Storms have the default.
   */
  private static final int ELECTION_MILLIS = 2_000;

  /** Until this process ends, since a member may be away for a while, and come back. */
  private static final Queue<HeldPort> HELD = new ConcurrentLinkedQueue<>();

  static Host named(String name) throws IOException {
    return new Host(name, port(), port());
  }

  private static int port() throws IOException {
    HeldPort port = new HeldPort();
    HELD.add(port);
    return port.number();
  }

  /** The same member with another port for its peers. */
  Host moved() throws IOException {
    return new Host(name, client, port());
  }

  String clientUrl() {
    return "http://127.0.0.1:" + client;
  }

  String peerUrl() {
    return "http://127.0.0.1:" + peer;
  }

  String founder() {
    return name + "=" + peerUrl();
  }

  /** What a member of this name is started with. */
  List<String> flags(Path data) {
    return List.of(
        "--name=" + name,
        "--data-dir=" + data,
        "--listen-client-urls=" + clientUrl(),
        "--listen-peer-urls=" + peerUrl(),
        "--initial-advertise-peer-urls=" + peerUrl(),
        "--election-timeout=" + ELECTION_MILLIS);
  }
}
