package dev.coxswain.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.coxswain.runtime.tls.TestPki;
import dev.coxswain.runtime.tls.Tls;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server of somebody else's, beside the cluster, which the API server can reach with TLS. */
final class HostServer implements AutoCloseable {
  private final TestPki pki = new TestPki("beside");
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, String> documents = new ConcurrentHashMap<>();
  private final List<String> posted = new CopyOnWriteArrayList<>();
  private final InetAddress address;
  private final HttpsServer server;

  private HostServer(InetAddress address, String... names) throws IOException {
    this.address = address;
    this.server = HttpsServer.create(new InetSocketAddress(address, 0), 0);
    String[] all = List.of(names).toArray(new String[names.length + 1]);
    all[names.length] = address.getHostAddress();
    server.setHttpsConfigurator(
        new HttpsConfigurator(Tls.context(pki.issue("CN=beside", all).identity(), pki.trust())));
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** A server on the address by which this machine reaches the cluster's. */
  static HostServer beside(Cluster cluster, String... names) throws IOException {
    String member =
        cluster.kubectl(
            "get", "endpointslice", "kubernetes", "-o", "jsonpath={.endpoints[0].addresses[0]}");
    try (DatagramSocket route = new DatagramSocket()) {
      // Sends nothing: it only finds the way.
      route.connect(new InetSocketAddress(member, 6443));
      return new HostServer(route.getLocalAddress(), names);
    }
  }

  String host() {
    return address.getHostAddress();
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url() {
    return "https://" + host() + ":" + port();
  }

  /** The certificate of who vouches for it. */
  String authority() {
    return pki.authorityPem();
  }

  /** Answers a GET of a path with a JSON document from now on. */
  HostServer serve(String path, String document) {
    documents.put(path, document);
    return this;
  }

  /** The bodies of all POSTs, in order. */
  List<String> posted() {
    return List.copyOf(posted);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] asked = exchange.getRequestBody().readAllBytes();
      String answer = documents.get(exchange.getRequestURI().getPath());
      if (exchange.getRequestMethod().equals("POST")) {
        posted.add(new String(asked, StandardCharsets.UTF_8));
        answer = "{}";
      }
      byte[] body = (answer == null ? "{}" : answer).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(answer == null ? 404 : 200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
