package dev.coxswain.apiserver.webhook;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.connect.BackendClient;
import dev.coxswain.apiserver.connect.Caller;
import dev.coxswain.apiserver.connect.ServiceAddresses;
import dev.coxswain.apiserver.storage.MemoryStore;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.tls.TestPki;
import dev.coxswain.runtime.tls.Tls;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.node.ObjectNode;

/** A webhook server on loopback: answers on each path as the test says. */
public final class WebhookServer implements AutoCloseable {
  private final TestPki pki = new TestPki("webhooks");
  private final HttpsServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final Map<String, ObjectNode> documents = new ConcurrentHashMap<>();
  private final Map<String, String> redirects = new ConcurrentHashMap<>();

  /** The values of X-Remote-User that documents were asked with. */
  public final List<String> users = new CopyOnWriteArrayList<>();

  /** The reviews that came, in order. */
  public final List<ObjectNode> reviews = new CopyOnWriteArrayList<>();

  /** The ports that calls came from: as many as there were connections. */
  public final List<Integer> callers = new CopyOnWriteArrayList<>();

  /** Makes the {@code response} of a review; a path without one is denied. */
  public interface Answer {
    /** The response to a {@code request}; its uid is put in afterwards. */
    ObjectNode to(ObjectNode request) throws InterruptedException;
  }

  /** A server that certifies itself for the loopback address and as {@code sample.shop.svc}. */
  public WebhookServer() {
    try {
      server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setHttpsConfigurator(
        new HttpsConfigurator(
            Tls.context(
                pki.issue("CN=webhook", "127.0.0.1", "sample.shop.svc").identity(), pki.trust())));
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** Answers a path from now on. */
  public WebhookServer on(String path, Answer answer) {
    answers.put(path, answer);
    return this;
  }

  /** Answers a GET of a path with a document from now on. */
  public WebhookServer serve(String path, ObjectNode document) {
    documents.put(path, document);
    return this;
  }

  /** Sends whoever GETs a path elsewhere from now on. */
  public WebhookServer redirect(String path, String location) {
    redirects.put(path, location);
    return this;
  }

  /** The port that it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** The CA of its certificate, as a {@code caBundle}. */
  public String authorities() {
    return Base64.getEncoder()
        .encodeToString(pki.authorityPem().getBytes(StandardCharsets.US_ASCII));
  }

  /** A {@code clientConfig} for a path. */
  public ObjectNode client(String path) {
    return Json.object()
        .put("url", "https://127.0.0.1:" + port() + path)
        .put("caBundle", authorities());
  }

  /** A client that knows no Services. */
  public static WebhookClient client(EventLoopGroup loops) {
    MemoryStore store = new MemoryStore();
    SystemTime time = new SystemTime();
    ObjectReader reader = new ObjectReader(store, new WatchCache(store, time, Runnable::run));
    return new WebhookClient(
        new Caller(new BackendClient(loops, null, null, null), time),
        new ServiceAddresses(reader, Randomness.seeded(1)));
  }

  private void handle(HttpExchange exchange) throws IOException {
    callers.add(exchange.getRemoteAddress().getPort());
    try (exchange) {
      if (exchange.getRequestMethod().equals("GET")) {
        users.add(String.valueOf(exchange.getRequestHeaders().getFirst("X-Remote-User")));
        String path = exchange.getRequestURI().getPath();
        if (redirects.containsKey(path)) {
          exchange.getResponseHeaders().set("Location", redirects.get(path));
          exchange.sendResponseHeaders(302, -1);
          return;
        }
        ObjectNode document = documents.get(path);
        send(exchange, document == null ? 404 : 200, document == null ? Json.object() : document);
        return;
      }
      ObjectNode review = Json.parseObject(exchange.getRequestBody().readAllBytes());
      reviews.add(review);
      ObjectNode request = (ObjectNode) review.path("request");
      String path = exchange.getRequestURI().getPath();
      ObjectNode response =
          answers.getOrDefault(path, _ -> Json.object().put("allowed", false)).to(request);
      response.set("uid", request.path("uid"));
      ObjectNode answer = Json.object();
      answer.set("apiVersion", review.path("apiVersion"));
      answer.set("kind", review.path("kind"));
      answer.set("response", response);
      send(exchange, 200, answer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, int status, ObjectNode answer)
      throws IOException {
    byte[] body = Json.bytes(answer);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
