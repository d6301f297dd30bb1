package dev.coxswain.runtime.program;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /healthz}, {@code /livez}, {@code /readyz} (each with {@code ?verbose} and with a single
 * check's name behind it) and {@code /metrics} for the processes that serve nothing else.
 */
public final class HealthServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HealthServer.class);

  /** Connections that wait to be accepted. */
  private static final int BACKLOG = 16;

  private final HttpServer server;
  private final HealthChecks checks;
  private final Metrics metrics;

  /**
   * Starts to listen.
   *
   * @param tls null to serve plain HTTP, which is for loopback addresses only
   * @throws IOException saying which address is taken
   */
  public HealthServer(
      InetSocketAddress address, @Nullable SSLContext tls, HealthChecks checks, Metrics metrics)
      throws IOException {
    this.checks = checks;
    this.metrics = metrics;
    if (tls == null && !address.getAddress().isLoopbackAddress()) {
      throw new IOException("health on " + address + " needs TLS: plain HTTP is for loopback only");
    }
    try {
      if (tls == null) {
        server = HttpServer.create(address, BACKLOG);
      } else {
        HttpsServer https = HttpsServer.create(address, BACKLOG);
        https.setHttpsConfigurator(new HttpsConfigurator(tls));
        server = https;
      }
    } catch (BindException e) {
      throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  /** The address it listens on, with the port that was chosen. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  private void handle(HttpExchange exchange) {
    try (exchange) {
      String method = exchange.getRequestMethod();
      if (!method.equals("GET") && !method.equals("HEAD")) {
        send(exchange, 405, "only GET\n");
        return;
      }
      String path = exchange.getRequestURI().getPath();
      if (path.equals("/metrics")) {
        metrics(exchange);
        return;
      }
      String[] parts = path.split("/", 3);
      String name = parts.length > 2 ? parts[2] : "";
      switch (parts.length > 1 ? parts[1] : "") {
        case "healthz", "livez" -> health(exchange, parts[1], checks.liveness(), name);
        case "readyz" -> health(exchange, parts[1], checks.readiness(), name);
        default -> send(exchange, 404, "404 page not found\n");
      }
    } catch (IOException e) {
      LOG.debug("a health request broke", e);
    }
  }

  private static void health(
      HttpExchange exchange, String endpoint, Map<String, HealthChecks.Check> asked, String name)
      throws IOException {
    if (!name.isEmpty() && !asked.containsKey(name)) {
      send(exchange, 404, "404 page not found\n");
      return;
    }
    var report = new StringBuilder();
    boolean well = true;
    for (Map.Entry<String, HealthChecks.Check> entry : new TreeMap<>(asked).entrySet()) {
      if (name.isEmpty() || entry.getKey().equals(name)) {
        Optional<String> problem = entry.getValue().problem();
        well &= problem.isEmpty();
        report.append(problem.isEmpty() ? "[+]" : "[-]").append(entry.getKey());
        report.append(problem.map(what -> " failed: " + what).orElse(" ok")).append('\n');
      }
    }
    String query = exchange.getRequestURI().getQuery();
    if (!well) {
      send(exchange, 500, report + endpoint + " check failed\n");
    } else if (query != null && query.contains("verbose")) {
      send(exchange, 200, report + endpoint + " check passed\n");
    } else {
      send(exchange, 200, "ok");
    }
  }

  private void metrics(HttpExchange exchange) throws IOException {
    Metrics.Page page = metrics.page();
    exchange.getResponseHeaders().set("Content-Type", page.contentType());
    send(exchange, 200, page.text());
  }

  private static void send(HttpExchange exchange, int code, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.getResponseHeaders().putIfAbsent("Content-Type", List.of("text/plain"));
    exchange.sendResponseHeaders(code, head ? -1 : body.length);
    if (!head) {
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
