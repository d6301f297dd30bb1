package dev.coxswain.store.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.coxswain.runtime.program.ServerBounds;
import dev.coxswain.store.member.MemberUrl;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * The pages of operators: over plain HTTP on loopback, elsewhere over TLS for whoever shows a
 * client's certificate, as etcd does.
 */
public final class OperatorPort implements AutoCloseable {
  private static final int BACKLOG = 16;

  static {
    ServerBounds.set();
  }

  private final List<HttpServer> servers = new ArrayList<>();

  /**
   * Opens the ports without serving yet.
   *
   * @param tls as whom https URLs answer, and whose certificates they believe
   */
  public OperatorPort(
      List<MemberUrl> urls, Optional<SSLContext> tls, Pages pages, Executor executor)
      throws IOException {
    for (MemberUrl url : urls) {
      HttpServer server = open(url, tls);
      server.setExecutor(executor);
      server.createContext("/", exchange -> answer(exchange, pages));
      servers.add(server);
    }
  }

  private static HttpServer open(MemberUrl url, Optional<SSLContext> tls) throws IOException {
    if (!url.secure() && !url.loopback()) {
      throw refused(url, "must be https://, or on a loopback address");
    }
    var address = new InetSocketAddress(url.host(), url.port());
    if (!url.secure()) {
      return HttpServer.create(address, BACKLOG);
    }
    SSLContext context =
        tls.orElseThrow(() -> refused(url, "needs --cert-file, --key-file and --trusted-ca-file"));
    HttpsServer server = HttpsServer.create(address, BACKLOG);
    server.setHttpsConfigurator(new ForClients(context));
    return server;
  }

  private static IllegalArgumentException refused(MemberUrl url, String why) {
    return new IllegalArgumentException("--listen-metrics-urls: " + url + " " + why);
  }

  /** Talks to nobody who shows no certificate. */
  private static final class ForClients extends HttpsConfigurator {
    ForClients(SSLContext tls) {
      super(tls);
    }

    @Override
    public void configure(HttpsParameters parameters) {
      SSLParameters tls = getSSLContext().getDefaultSSLParameters();
      tls.setNeedClientAuth(true);
      parameters.setSSLParameters(tls);
    }
  }

  /** The ports that it listens on, in the order of the URLs. */
  List<Integer> ports() {
    return servers.stream().map(server -> server.getAddress().getPort()).toList();
  }

  private static void answer(HttpExchange exchange, Pages pages) throws IOException {
    try (exchange) {
      URI asked = exchange.getRequestURI();
      String query = asked.getRawQuery();
      Pages.Page answer = pages.at(asked.getRawPath() + (query == null ? "" : "?" + query));
      byte[] body = answer.text().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", answer.type());
      exchange.sendResponseHeaders(answer.status(), body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  /** Starts serving. */
  public void start() {
    servers.forEach(HttpServer::start);
  }

  @Override
  public void close() {
    servers.forEach(server -> server.stop(0));
  }
}
