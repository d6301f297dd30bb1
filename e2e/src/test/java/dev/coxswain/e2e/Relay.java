package dev.coxswain.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Stands between clients and an API server, byte for byte, and can cut all that it carries. */
final class Relay implements AutoCloseable {
  private static final Pattern SERVER = Pattern.compile("(?m)server: (https://\\S+)$");

  private final ServerSocket entrance;
  private final InetSocketAddress server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private Relay(InetSocketAddress server) throws IOException {
    this.server = server;
    this.entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** A relay to the cluster's first API server. */
  static Relay to(Cluster cluster) {
    URI address = URI.create(server(kubeconfig(cluster)));
    try {
      return new Relay(new InetSocketAddress(address.getHost(), address.getPort()));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** The cluster's kubeconfig with this relay as the server. */
  String kubeconfig(Path folder, Cluster cluster) {
    String text = kubeconfig(cluster);
    String through = text.replace(server(text), "https://127.0.0.1:" + entrance.getLocalPort());
    try {
      return Files.writeString(folder.resolve("kubeconfig"), through).toString();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static String kubeconfig(Cluster cluster) {
    try {
      return Files.readString(cluster.home().resolve("kubeconfig"));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static String server(String kubeconfig) {
    Matcher server = SERVER.matcher(kubeconfig);
    if (!server.find()) {
      throw new AssertionError("no server in " + kubeconfig);
    }
    return server.group(1);
  }

  /** Ends every connection without a word. New ones are let through. */
  void cut() {
    open.forEach(Relay::end);
  }

  private void accept() {
    while (!entrance.isClosed()) {
      try {
        Socket client = entrance.accept();
        Socket behind = new Socket();
        open.add(client);
        open.add(behind);
        behind.connect(server);
        Thread.ofVirtual().start(() -> carry(client, behind));
        Thread.ofVirtual().start(() -> carry(behind, client));
      } catch (IOException closed) {
        // The loop looks whether it was this end.
      }
    }
  }

  private void carry(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException cut) {
      end(from);
      end(to);
    } finally {
      // What ended in order goes when its other direction has, too.
      if (to.isInputShutdown() || to.isClosed()) {
        close(from);
        close(to);
      } else {
        shutInput(from);
      }
    }
  }

  private static void shutInput(Socket socket) {
    try {
      socket.shutdownInput();
    } catch (IOException gone) {
      // It is what was wanted.
    }
  }

  private void close(Socket socket) {
    open.remove(socket);
    try {
      socket.close();
    } catch (IOException gone) {
      // It is what was wanted.
    }
  }

  private static void end(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException gone) {
      // It is what was wanted.
    }
  }

  @Override
  public void close() {
    try {
      entrance.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    cut();
  }
}
