package dev.coxswain.store.storm;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;

/** A member by its name, with ports of its own. */
record Host(String name, int client, int peer) {
  static Host named(String name) throws IOException {
    try (ServerSocket first = new ServerSocket(0);
        ServerSocket second = new ServerSocket(0)) {
      return new Host(name, first.getLocalPort(), second.getLocalPort());
    }
  }

  /** The same member with another port for its peers. */
  Host moved() throws IOException {
    try (ServerSocket other = new ServerSocket(0)) {
      return new Host(name, client, other.getLocalPort());
    }
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
        "--initial-advertise-peer-urls=" + peerUrl());
  }
}
