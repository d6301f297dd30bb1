package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.cluster.ClusterState.ManagedProcess;
import dev.coxswain.deploy.host.NetworkNamespace;
import dev.coxswain.deploy.host.ProcessRef;
import dev.coxswain.runtime.tls.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * Asks each process how it is, at the health endpoint that it serves on its own machine's loopback;
 * {@code cox} steps into the machine's network for the question.
 */
public final class Health {
  static final int STORE_METRICS_PORT = 2381;
  static final int SCHEDULER_PORT = 10259;
  static final int CONTROLLERS_PORT = 10257;
  static final int KUBELET_PORT = 10248;
  static final int PROXY_PORT = 10256;
  private static final int API_SERVER_PORT = 6443;

  private static final int DEADLINE_MILLISECONDS = 2000;

  /** Metrics of a busy process stay far below it. */
  private static final int ANSWER_BYTES_MAX = 4 << 20;

  private static final int LINE_CHARACTERS_MAX = 8192;

  private Health() {}

  /** Whether the process runs and says that it is well. */
  public static boolean healthy(ClusterState state, ManagedProcess process) {
    if (!process.process().alive()) {
      return false;
    }
    Optional<ProcessRef> machine = state.machine(process.node());
    if (process.program().equals(BringUp.CONTAINERD)) {
      return machine.filter(Containerd::listening).isPresent();
    }
    Optional<Daemon> daemon = Daemon.named(process.program());
    if (machine.isEmpty() || daemon.isEmpty()) {
      return machine.isPresent() || process.node().equals(ManagedProcess.HOST);
    }
    return switch (daemon.get()) {
      case STORE -> says(machine.get(), false, STORE_METRICS_PORT, "/health").isPresent();
      case APISERVER -> says(machine.get(), true, API_SERVER_PORT, "/livez").isPresent();
      case SCHEDULER -> says(machine.get(), true, SCHEDULER_PORT, "/healthz").isPresent();
      case CONTROLLERS -> says(machine.get(), true, CONTROLLERS_PORT, "/healthz").isPresent();
      case KUBELET -> says(machine.get(), false, KUBELET_PORT, "/healthz").isPresent();
      case PROXY -> says(machine.get(), false, PROXY_PORT, "/healthz").isPresent();
    };
  }

  /** Whether the store member at the machine says that it leads. */
  public static boolean leadsStore(ProcessRef machine) {
    return says(machine, false, STORE_METRICS_PORT, "/metrics")
        .filter(
            text -> text.lines().anyMatch(line -> line.matches("etcd_server_is_leader 1(\\.0)?")))
        .isPresent();
  }

  /** The body of a 200 answer. */
  private static Optional<String> says(ProcessRef machine, boolean tls, int port, String path) {
    try {
      return NetworkNamespace.call(machine.pid(), () -> ask(tls, port, path));
    } catch (Exception unreachable) {
      return Optional.empty();
    }
  }

  private static Optional<String> ask(boolean tls, int port, String path) throws IOException {
    try (Socket plain = new Socket()) {
      plain.setSoTimeout(DEADLINE_MILLISECONDS);
      plain.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), DEADLINE_MILLISECONDS);
      // Schedulers and controllers make their certificates up themselves.
      Socket socket =
          tls
              ? Tls.toAnyServer().getSocketFactory().createSocket(plain, "localhost", port, true)
              : plain;
      String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      return okBody(socket.getInputStream());
    }
  }

  /** Reads one HTTP answer: as much as it announces, or else up to the end of the connection. */
  static Optional<String> okBody(InputStream in) throws IOException {
    String status = line(in);
    int length = ANSWER_BYTES_MAX;
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(header.substring("content-length:".length()).strip());
      }
    }
    String body =
        new String(in.readNBytes(Math.min(length, ANSWER_BYTES_MAX)), StandardCharsets.UTF_8);
    return status.startsWith("HTTP/1.1 200") ? Optional.of(body) : Optional.empty();
  }

  private static String line(InputStream in) throws IOException {
    var text = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      if (text.length() == LINE_CHARACTERS_MAX) {
        throw new IOException("a header line is longer than " + LINE_CHARACTERS_MAX);
      }
      text.append((char) next);
    }
    return text.toString().strip();
  }
}
