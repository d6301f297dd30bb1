package dev.coxswain.runtime.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.coxswain.runtime.tls.PemSource;
import dev.coxswain.runtime.tls.TestPki;
import dev.coxswain.runtime.tls.Tls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/** An HTTPS server on loopback that wants client certificates and answers as the test says. */
final class TinyServer implements AutoCloseable {
  private final TestPki pki;
  private final HttpsServer server;
  private volatile Answer answer = exchange -> {};

  /** What it was asked, as {@code METHOD path?query}. */
  final List<String> asked = new CopyOnWriteArrayList<>();

  /** Answers one request. */
  interface Answer {
    void to(HttpExchange exchange) throws IOException, InterruptedException;
  }

  TinyServer(TestPki pki) {
    this(pki, 0);
  }

  TinyServer(TestPki pki, int port) {
    this.pki = pki;
    try {
      server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SSLContext tls =
        Tls.context(pki.issue("CN=server", "127.0.0.1", "localhost").identity(), pki.trust());
    server.setHttpsConfigurator(
        new HttpsConfigurator(tls) {
          @Override
          public void configure(HttpsParameters parameters) {
            var ssl = tls.getDefaultSSLParameters();
            ssl.setNeedClientAuth(true);
            parameters.setSSLParameters(ssl);
          }
        });
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
    try (exchange) {
      answer.to(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void answer(Answer next) {
    answer = next;
  }

  static void send(HttpExchange exchange, int code, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, body.length);
    exchange.getResponseBody().write(body);
  }

  int port() {
    return server.getAddress().getPort();
  }

  URI uri() {
    return URI.create("https://127.0.0.1:" + port());
  }

  Kubeconfig kubeconfig(URI... servers) {
    TestPki.Issued client = pki.issue("CN=client");
    return new Kubeconfig(
        servers.length == 0 ? List.of(uri()) : List.of(servers),
        new PemSource.Inline(pki.authorityPem()),
        new PemSource.Inline(client.certificatePem()),
        new PemSource.Inline(client.keyPem()),
        null);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
