package dev.coxswain.apiserver.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.runtime.client.Kubeconfig;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditWebhookTest {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final AuditMetrics metrics = new AuditMetrics(registry);
  private final Server server = new Server();
  private final List<AuditWebhook> opened = new ArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  @TempDir private Path folder;

  /** A server that may be away, refuse, or keep everybody waiting. */
  private static final class Server implements AuditWebhook.Sender {
    private final List<String> taken = new CopyOnWriteArrayList<>();
    private final AtomicInteger failures = new AtomicInteger();
    private volatile boolean refusing;
    private volatile CountDownLatch gate = new CountDownLatch(0);

    @Override
    public void send(byte[] events)
        throws IOException, InterruptedException, AuditWebhook.RejectedException {
      gate.await();
      if (refusing) {
        throw new AuditWebhook.RejectedException("answered 400");
      }
      if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        throw new IOException("answered 503");
      }
      Json.parse(events).path("items").forEach(event -> taken.add(Json.text(event, "auditID")));
    }

    @Override
    public void close() {}
  }

  @AfterEach
  void close() {
    server.gate.countDown();
    opened.forEach(AuditWebhook::close);
    threads.shutdownNow();
  }

  private AuditWebhook open(AuditWebhook.Mode mode, int buffer, int batch, Time time) {
    AuditWebhook webhook =
        new AuditWebhook(
            server,
            new AuditWebhook.Settings(
                mode,
                buffer,
                batch,
                Duration.ofHours(1),
                0,
                1,
                Duration.ofMillis(1),
                Truncation.BATCH_BYTES),
            metrics,
            time);
    opened.add(webhook);
    return webhook;
  }

  private static byte[] event(String id) {
    return Json.bytes(Json.object().put("auditID", id));
  }

  private double errors(String plugin) {
    return registry.scrape(name -> name.equals("apiserver_audit_error")).stream()
        .flatMap(snapshot -> snapshot.getDataPoints().stream())
        .filter(point -> plugin.equals(point.getLabels().get("plugin")))
        .mapToDouble(point -> ((CounterDataPointSnapshot) point).getValue())
        .sum();
  }

  @Test
  void aBatchIsSentWhenItIsFullAndWhatIsLeftAtTheEnd() {
    AuditWebhook webhook = open(AuditWebhook.Mode.BATCH, 100, 3, new ManualTime());
    List.of("a", "b", "c", "d").forEach(id -> webhook.add(event(id)));
    await().untilAsserted(() -> assertThat(server.taken).containsExactly("a", "b", "c"));
    webhook.close();
    assertThat(server.taken).containsExactly("a", "b", "c", "d");
  }

  @Test
  void whatIsLeftIsSentWhateverTheGathererIsAt() {
    for (int round = 0; round < 2000; round++) {
      server.taken.clear();
      AuditWebhook webhook = open(AuditWebhook.Mode.BATCH, 100, 1, new ManualTime());
      webhook.add(event("a"));
      webhook.add(event("b"));
      for (int busy = 0; busy < round % 50; busy++) {
        Thread.onSpinWait();
      }
      webhook.close();
      assertThat(server.taken).as("round %d", round).containsExactlyInAnyOrder("a", "b");
    }
  }

  @Test
  void noRequestWaitsInBatchModeAndWhatDoesNotFitIsCounted() throws InterruptedException {
    server.gate = new CountDownLatch(1);
    AuditWebhook webhook = open(AuditWebhook.Mode.BATCH, 5, 5, new ManualTime());
    for (int i = 0; i < 200; i++) {
      webhook.begin(event("first"));
      webhook.addAndWait(event("last"));
    }
    // Sixteen batches are under way, one waits for its turn, and five events wait behind it.
    assertThat(errors("buffered")).isGreaterThanOrEqualTo(400 - 18 * 5);
  }

  @Test
  void whatFailsIsSentAgainAndWhatIsRefusedIsLost() {
    AuditWebhook webhook = open(AuditWebhook.Mode.BATCH, 10, 1, new SystemTime());
    server.failures.set(4);
    webhook.add(event("a"));
    await().untilAsserted(() -> assertThat(server.taken).containsExactly("a"));
    assertThat(errors("webhook")).isZero();
    server.failures.set(5);
    webhook.add(event("b"));
    await().untilAsserted(() -> assertThat(errors("webhook")).isEqualTo(1));
    server.refusing = true;
    webhook.add(event("c"));
    await().untilAsserted(() -> assertThat(errors("webhook")).isEqualTo(2));
    assertThat(server.taken).containsExactly("a");
  }

  @Test
  void requestsWaitInBlockingModeAndGoOnWhateverComesOfIt() throws Exception {
    AuditWebhook webhook = open(AuditWebhook.Mode.BLOCKING, 10, 10, new SystemTime());
    server.gate = new CountDownLatch(1);
    Future<?> answered =
        threads.submit(() -> {
          webhook.addAndWait(event("a"));
          return null;
        });
    assertThat(answered).isNotDone();
    server.gate.countDown();
    answered.get();
    assertThat(server.taken).containsExactly("a");
    server.refusing = true;
    webhook.begin(event("b"));
    assertThat(errors("webhook")).isEqualTo(1);
  }

  @Test
  void aRequestWhoseFirstEventIsLostIsRefusedInStrictMode() throws InterruptedException {
    AuditWebhook webhook = open(AuditWebhook.Mode.BLOCKING_STRICT, 10, 10, new SystemTime());
    webhook.begin(event("a"));
    server.refusing = true;
    assertThatThrownBy(() -> webhook.begin(event("b")))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("failed to store audit event");
    webhook.addAndWait(event("c"));
    assertThat(server.taken).containsExactly("a");
  }

  @Test
  void batchesAreHeldToARate() throws Exception {
    ManualTime time = new ManualTime();
    Throttle throttle = new Throttle(2, 2, time);
    throttle.pass();
    throttle.pass();
    Future<?> third =
        threads.submit(() -> {
          throttle.pass();
          return null;
        });
    await()
        .until(() -> {
          time.advance(Duration.ofMillis(100));
          return third.isDone();
        });
    assertThat(time.nanos()).isGreaterThanOrEqualTo(Duration.ofMillis(500).toNanos());
  }

  @Test
  void eventsArePostedWithTheUsersToken() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext(
        "/",
        exchange -> {
          seen.add(
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestURI()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Authorization")
                  + " "
                  + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          exchange.sendResponseHeaders(
              exchange.getRequestURI().getPath().equals("/no") ? 403 : 503, -1);
          exchange.close();
        });
    http.start();
    try (HttpSender down = sender(http, "/down");
        HttpSender no = sender(http, "/no")) {
      byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
      assertThatThrownBy(() -> down.send(body))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("answered 503");
      assertThatThrownBy(() -> no.send(body))
          .isInstanceOf(AuditWebhook.RejectedException.class)
          .hasMessageContaining("answered 403");
      assertThat(seen).containsExactly("POST /down Bearer hush {}", "POST /no Bearer hush {}");
    } finally {
      http.stop(0);
    }
  }

  private HttpSender sender(HttpServer http, String path) throws IOException {
    String url = "http://127.0.0.1:" + http.getAddress().getPort() + path;
    return new HttpSender(
        Kubeconfig.read(
            Files.writeString(
                folder.resolve("webhook.kubeconfig"),
                """
                ---
                current-context: it
                contexts: [{name: it, context: {cluster: it, user: me}}]
                clusters: [{name: it, cluster: {server: '%s'}}]
                users: [{name: me, user: {token: hush}}]
                """
                    .formatted(url))));
  }
}
