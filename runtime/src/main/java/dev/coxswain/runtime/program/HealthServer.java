package dev.coxswain.runtime.program;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.coxswain.runtime.access.AccessControl;
import dev.coxswain.runtime.access.Caller;
import dev.coxswain.runtime.access.Permission;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /healthz}, {@code /livez}, {@code /readyz} (each with {@code ?verbose} and with a single
 * check's name behind it) and {@code /metrics} for the processes that serve nothing else. Whoever
 * reaches it learns how the process is; metrics are for who may have them.
 */
public final class HealthServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HealthServer.class);

  /** Connections that wait to be accepted. */
  private static final int BACKLOG = 256;

  private static final String BEARER = "Bearer ";

  static {
    ServerBounds.set();
  }

  private final HttpServer server;
  private final @Nullable AccessControl access;
  private final HealthChecks checks;
  private final Metrics metrics;
  private final Map<String, String> texts = new ConcurrentHashMap<>();

  /**
   * Starts to listen for plain HTTP, on a loopback address: there metrics are anybody's.
   *
   * @throws IOException saying which address is taken
   */
  public HealthServer(InetSocketAddress address, HealthChecks checks, Metrics metrics)
      throws IOException {
    this(address, null, null, checks, metrics);
  }

  /**
   * Starts to listen.
   *
   * @param tls verifies a certificate that is shown; null to serve plain HTTP, which is for
   *     loopback addresses only
   * @param access who may see metrics; null for anybody
   * @throws IOException saying which address is taken
   */
  public HealthServer(
      InetSocketAddress address,
      @Nullable SSLContext tls,
      @Nullable AccessControl access,
      HealthChecks checks,
      Metrics metrics)
      throws IOException {
    this.access = access;
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
        https.setHttpsConfigurator(new AskingForCertificates(tls));
        server = https;
      }
    } catch (BindException e) {
      throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  private static final class AskingForCertificates extends HttpsConfigurator {
    AskingForCertificates(SSLContext tls) {
      super(tls);
    }

    @Override
    public void configure(HttpsParameters parameters) {
      SSLParameters tls = getSSLContext().getDefaultSSLParameters();
      tls.setWantClientAuth(true);
      parameters.setSSLParameters(tls);
    }
  }

  /** Shows a text at a path of its own, to anybody, as health is. */
  public void show(String path, String text) {
    texts.put(path, text);
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
        if (admits(exchange, path)) {
          metrics(exchange);
        }
        return;
      }
      String text = texts.get(path);
      if (text != null) {
        send(exchange, 200, text);
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

  /** Whether the caller may see this; if not, it has been told. */
  private boolean admits(HttpExchange exchange, String path) throws IOException {
    if (access == null) {
      return true;
    }
    try {
      Optional<Caller> caller = certified(exchange).or(() -> bearer(exchange, access));
      if (caller.isEmpty()) {
        send(exchange, 401, "Unauthorized\n");
        return false;
      }
      String verb = exchange.getRequestMethod().toLowerCase(Locale.ROOT);
      if (access.allows(caller.get(), new Permission.OnPath(verb, path))) {
        return true;
      }
      send(
          exchange,
          403,
          "forbidden: User \"%s\" cannot %s path \"%s\"\n"
              .formatted(caller.get().name(), verb, path));
    } catch (RuntimeException failure) {
      LOG.debug("who asks for {} cannot be found out", path, failure);
      send(
          exchange, 503, "the API server does not say who may ask: " + failure.getMessage() + "\n");
    }
    return false;
  }

  private static Optional<Caller> bearer(HttpExchange exchange, AccessControl access) {
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    if (header == null) {
      return Optional.of(Caller.ANONYMOUS);
    }
    return header.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? access.authenticate(header.substring(BEARER.length()).strip())
        : Optional.empty();
  }

  private static Optional<Caller> certified(HttpExchange exchange) {
    try {
      // The handshake verified it; without a certificate there is none.
      return exchange instanceof HttpsExchange https
          ? Optional.of(Caller.of((X509Certificate) https.getSSLSession().getPeerCertificates()[0]))
          : Optional.empty();
    } catch (SSLPeerUnverifiedException anonymous) {
      return Optional.empty();
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
