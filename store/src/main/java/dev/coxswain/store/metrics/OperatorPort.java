package dev.coxswain.store.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coxswain.store.member.MemberUrl;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Plain HTTP on loopback: {@code /health}, {@code /readyz}, {@code /livez}, {@code /version},
 * {@code /metrics}.
 */
public final class OperatorPort implements AutoCloseable {
  private static final int BACKLOG = 16;

  private final List<HttpServer> servers = new ArrayList<>();

  /** A page: its status, its type and its text. */
  public record Page(int status, String type, String text) {
    /** A JSON page. */
    public static Page json(int status, String text) {
      return new Page(status, "application/json", text);
    }

    /** A plain page. */
    public static Page plain(int status, String text) {
      return new Page(status, "text/plain; version=0.0.4; charset=utf-8", text);
    }
  }

  /** Opens the ports without serving yet. */
  public OperatorPort(List<MemberUrl> urls, Executor executor) throws IOException {
    for (MemberUrl url : urls) {
      if (url.secure() || !url.loopback()) {
        throw new IllegalArgumentException(
            "--listen-metrics-urls: " + url + " must be http:// on a loopback address");
      }
      HttpServer server = HttpServer.create(new InetSocketAddress(url.host(), url.port()), BACKLOG);
      server.setExecutor(executor);
      servers.add(server);
    }
  }

  /** Serves a page. */
  public void serve(String path, Supplier<Page> page) {
    for (HttpServer server : servers) {
      server.createContext(path, exchange -> answer(exchange, path, page));
    }
  }

  private static void answer(HttpExchange exchange, String path, Supplier<Page> page)
      throws IOException {
    try (exchange) {
      Page answer =
          exchange.getRequestURI().getPath().equals(path)
              ? page.get()
              : Page.plain(404, "404 page not found\n");
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
