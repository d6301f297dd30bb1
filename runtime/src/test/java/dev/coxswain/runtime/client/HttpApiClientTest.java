package dev.coxswain.runtime.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.runtime.tls.TestPki;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HttpApiClientTest {
  private static final ObjectKey A = new ObjectKey("default", "a");
  private static final String MAP =
      "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"%s\",\"namespace\":\"default\",\"resourceVersion\":\"%s\"}}";

  private final TestPki pki = new TestPki("test-ca");
  private final TinyServer server = new TinyServer(pki);
  private HttpApiClient client = client(server.kubeconfig(), new SystemTime());

  private static HttpApiClient client(Kubeconfig config, Time time) {
    return new HttpApiClient(config, "test", time, Randomness.seeded(1));
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void readsAnObjectAndTellsAMissingOneFromAFailure() {
    server.answer(exchange -> TinyServer.send(exchange, 200, MAP.formatted("a", "5")));
    ConfigMap found = client.resource(ConfigMap.class).find(A).orElseThrow();
    assertThat(found.getMetadata().getResourceVersion()).isEqualTo("5");

    server.answer(exchange -> TinyServer.send(exchange, 404, status(404, "NotFound", "gone")));
    assertThat(client.resource(Deployment.class).find(A)).isEmpty();

    server.answer(exchange -> TinyServer.send(exchange, 403, status(403, "Forbidden", "no")));
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> client.resource(Node.class).find(ObjectKey.cluster("n1")))
        .withMessage("no")
        .matches(e -> e.is(StatusReason.FORBIDDEN));
    assertThat(server.asked)
        .containsExactly(
            "GET /api/v1/namespaces/default/configmaps/a",
            "GET /apis/apps/v1/namespaces/default/deployments/a",
            "GET /api/v1/nodes/n1");
  }

  @Test
  void aTokensFileIsReadAgainOnceItHasChanged(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("token"), "first\n");
    Kubeconfig given = server.kubeconfig();
    var shown = new ArrayList<String>();
    server.answer(exchange -> {
      shown.add(exchange.getRequestHeaders().getFirst("Authorization"));
      TinyServer.send(exchange, 200, MAP.formatted("a", "5"));
    });
    try (HttpApiClient bearer =
        client(
            new Kubeconfig(
                given.servers(), given.authorities(), given.certificate(), given.key(), "x", file),
            new SystemTime())) {
      var maps = bearer.resource(ConfigMap.class);
      maps.find(A);
      Files.writeString(file, "the second");
      maps.find(A);
      // As long as there is no other, the last one will do.
      Files.writeString(file, "");
      maps.find(A);
      Files.delete(file);
      maps.find(A);
    }
    assertThat(shown)
        .containsExactly(
            "Bearer first", "Bearer the second", "Bearer the second", "Bearer the second");
  }

  @Test
  void aStatusCarriesItsDetails() {
    String status =
        """
        {"kind":"Status","status":"Failure","message":"bad","reason":"Invalid","code":422,
         "details":{"name":"a","kind":"ConfigMap","causes":[
          {"reason":"FieldValueRequired","message":"Required value","field":"data"}]}}\
        """;
    server.answer(exchange -> TinyServer.send(exchange, 422, status));

    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> client.resource(ConfigMap.class).find(A))
        .satisfies(e -> {
          assertThat(e.status().reason()).isEqualTo(StatusReason.INVALID);
          assertThat(e.status().details().causes()).extracting("field").containsExactly("data");
        });
  }

  @Test
  void anAnswerThatIsNoStatusIsQuoted() {
    server.answer(exchange -> TinyServer.send(exchange, 502, "bad gateway"));
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> client.resource(ConfigMap.class).find(A))
        .withMessage("bad gateway")
        .matches(e -> e.status().code() == 502);
  }

  @Test
  void readsTheDocumentsOfAddOns() {
    server.answer(exchange -> TinyServer.send(exchange, 200, "{\"items\":[{\"value\":\"5\"}]}"));
    assertThat(
            client
                .read(
                    List.of("apis", "custom.metrics.k8s.io", "v1beta2", "pods", "*", "a b"),
                    Map.of("metricLabelSelector", "", "labelSelector", "app=web,tier in (a)"))
                .at("/items/0/value")
                .asString())
        .isEqualTo("5");
    assertThat(server.asked)
        .containsExactly(
            "GET /apis/custom.metrics.k8s.io/v1beta2/pods/*/a%20b?labelSelector=app%3Dweb%2Ctier+in+%28a%29");

    server.answer(exchange -> TinyServer.send(exchange, 200, "<html>"));
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> client.read(List.of("apis"), Map.of()))
        .withMessageStartingWith("/apis did not answer with JSON: ");
  }

  @Test
  void listsAllPages() {
    server.answer(exchange -> {
      boolean second = exchange.getRequestURI().getQuery().contains("continue=next");
      String meta =
          second
              ? "{\"resourceVersion\":\"9\"}"
              : "{\"resourceVersion\":\"9\",\"continue\":\"next\"}";
      String item = MAP.formatted(second ? "b" : "a", "3");
      TinyServer.send(
          exchange,
          200,
          "{\"kind\":\"ConfigMapList\",\"metadata\":" + meta + ",\"items\":[" + item + "]}");
    });

    ObjectList<ConfigMap> list =
        client.resource(ConfigMap.class).list("", ListOptions.labels("app in (x)"));

    assertThat(list.resourceVersion()).isEqualTo("9");
    assertThat(list.items())
        .extracting(map -> map.getMetadata().getName())
        .containsExactly("a", "b");
    assertThat(server.asked.getFirst())
        .isEqualTo("GET /api/v1/configmaps?labelSelector=app+in+%28x%29&limit=500");
  }

  @Test
  void writesGoToTheirPathsWithTheirTypes() {
    var type = new AtomicReference<String>();
    var body = new AtomicReference<String>();
    server.answer(exchange -> {
      type.set(exchange.getRequestHeaders().getFirst("Content-Type"));
      body.set(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      TinyServer.send(exchange, 200, MAP.formatted("a", "6"));
    });
    ResourceClient<ConfigMap> maps = client.resource(ConfigMap.class);
    ConfigMap map =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName("a")
            .withNamespace("default")
            .endMetadata()
            .build();

    maps.create(map);
    assertThat(type.get()).isEqualTo("application/json");
    maps.update(map);
    maps.patchStatus(A, new Patch.Merge("{}"));
    assertThat(type.get()).isEqualTo("application/merge-patch+json");
    maps.patch(A, new Patch.Apply("{}", "me", true));
    maps.delete(A, new DeleteOptions(0L, "u1", null, DeleteOptions.Propagation.ORPHAN));
    assertThat(body.get())
        .contains("\"gracePeriodSeconds\":0", "\"uid\":\"u1\"", "\"propagationPolicy\":\"Orphan\"");

    assertThat(server.asked)
        .containsExactly(
            "POST /api/v1/namespaces/default/configmaps",
            "PUT /api/v1/namespaces/default/configmaps/a",
            "PATCH /api/v1/namespaces/default/configmaps/a/status",
            "PATCH /api/v1/namespaces/default/configmaps/a?fieldManager=me&force=true",
            "DELETE /api/v1/namespaces/default/configmaps/a");
  }

  @Test
  void waitsWhenTheServerAsksForPatience() {
    var calls = new AtomicInteger();
    server.answer(exchange -> {
      if (calls.incrementAndGet() < 3) {
        exchange.getResponseHeaders().set("Retry-After", "0");
        TinyServer.send(exchange, 429, status(429, "TooManyRequests", "later"));
      } else {
        TinyServer.send(exchange, 200, MAP.formatted("a", "5"));
      }
    });
    assertThat(client.resource(ConfigMap.class).find(A)).isPresent();
    assertThat(calls).hasValue(3);
  }

  @Test
  void doesNotWaitLongerThanTheDeadlineForAPatientServer() {
    server.answer(exchange -> {
      exchange.getResponseHeaders().set("Retry-After", "3600");
      TinyServer.send(exchange, 429, status(429, "TooManyRequests", "later"));
    });
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> client.resource(ConfigMap.class).find(A))
        .matches(e -> e.is(StatusReason.TOO_MANY_REQUESTS));
  }

  @Test
  void aCallEndsAtItsDeadline() {
    var release = new CountDownLatch(1);
    server.answer(exchange -> release.await());
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(
            () -> client.withDeadline(Duration.ofMillis(200)).resource(ConfigMap.class).find(A))
        .matches(e -> e.is(StatusReason.TIMEOUT));
    release.countDown();
  }

  @Test
  void goesToTheNextServerWhenOneCannotBeReached() throws IOException {
    server.answer(exchange -> TinyServer.send(exchange, 200, MAP.formatted("a", "5")));
    client.close();
    // A port that is taken, and on which nobody listens: no other process can come to have it.
    try (var taken = new Socket()) {
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      URI nobody = URI.create("https://127.0.0.1:" + taken.getLocalPort());
      client = client(server.kubeconfig(nobody, server.uri()), new SystemTime());

      assertThat(client.resource(ConfigMap.class).find(A)).isPresent();
      assertThat(client.resource(ConfigMap.class).find(A)).isPresent();
      assertThat(server.asked).hasSize(2);
    }

    server.close();
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> client.resource(ConfigMap.class).find(A))
        .matches(e -> e.is(StatusReason.SERVICE_UNAVAILABLE));
  }

  @Test
  void readsWatchEventsAndTheirEnd() throws InterruptedException {
    server.answer(exchange -> {
      exchange.sendResponseHeaders(200, 0);
      var body = exchange.getResponseBody();
      for (String event :
          new String[] {
            "{\"type\":\"ADDED\",\"object\":" + MAP.formatted("a", "11") + "}\n",
            "{\"type\":\"BOOKMARK\",\"object\":" + MAP.formatted("", "12") + "}\n",
            "{\"type\":\"DELETED\",\"object\":" + MAP.formatted("a", "13") + "}\n",
          }) {
        body.write(event.getBytes(StandardCharsets.UTF_8));
        body.flush();
      }
    });
    try (Watch<ConfigMap> watch =
        client.resource(ConfigMap.class).watch("default", ListOptions.ALL, "10")) {
      assertThat(watch.next()).isInstanceOf(WatchEvent.Added.class);
      assertThat(watch.next()).isEqualTo(new WatchEvent.Bookmark<ConfigMap>("12"));
      assertThat(watch.next()).isInstanceOf(WatchEvent.Deleted.class);
      assertThat(watch.next()).isNull();
    }
    assertThat(server.asked.getFirst())
        .startsWith("GET /api/v1/namespaces/default/configmaps?watch=true")
        .contains("resourceVersion=10", "allowWatchBookmarks=true");
  }

  @Test
  void metadataIsAskedForByItsMediaType() {
    var accept = new AtomicReference<String>();
    server.answer(exchange -> {
      accept.set(exchange.getRequestHeaders().getFirst("Accept"));
      TinyServer.send(
          exchange,
          200,
          "{\"metadata\":{\"resourceVersion\":\"4\"},\"items\":[" + MAP.formatted("a", "3") + "]}");
    });
    var served =
        new ServedResource(
            "example.com/v1", "Thing", new GroupResource("example.com", "things"), true, Set.of());

    assertThat(client.metadata(served).list("", ListOptions.ALL).items())
        .extracting(thing -> thing.getMetadata().getName())
        .containsExactly("a");
    assertThat(server.asked).containsExactly("GET /apis/example.com/v1/things?limit=500");
    assertThat(accept.get()).startsWith("application/json;as=PartialObjectMetadataList;");
  }

  @Test
  void anErrorEventIsThrown() {
    server.answer(exchange ->
        TinyServer.send(
            exchange,
            200,
            "{\"type\":\"ERROR\",\"object\":" + status(410, "Expired", "too old") + "}"));
    try (Watch<Pod> watch = client.resource(Pod.class).watch("", ListOptions.ALL, "1")) {
      assertThatExceptionOfType(ApiException.class)
          .isThrownBy(watch::next)
          .matches(e -> e.is(StatusReason.EXPIRED));
    }
  }

  @Test
  void aWatchThatHearsNothingIsGivenUp() throws InterruptedException {
    var time = new ManualTime();
    var release = new CountDownLatch(1);
    server.answer(exchange -> {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().flush();
      release.await();
    });
    client.close();
    client = client(server.kubeconfig(), time);
    var outcome = new AtomicReference<Object>();
    Thread reader;
    try (Watch<Pod> watch = client.resource(Pod.class).watch("", ListOptions.ALL, "1")) {
      reader =
          Thread.startVirtualThread(() -> {
            try {
              outcome.set(String.valueOf(watch.next()));
            } catch (ApiException | InterruptedException e) {
              outcome.set(e);
            }
          });
      time.advance(HttpWatch.IDLE_DEADLINE);
      reader.join();
    }
    assertThat(outcome.get())
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.is(StatusReason.TIMEOUT)).isTrue());
    release.countDown();
  }

  @Test
  void closingAWatchFreesItsReader() throws InterruptedException {
    var release = new CountDownLatch(1);
    server.answer(exchange -> {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().flush();
      release.await();
    });
    Watch<Pod> watch = client.resource(Pod.class).watch("", ListOptions.ALL, "1");
    var failed = new CountDownLatch(1);
    Thread reader =
        Thread.startVirtualThread(() -> {
          try {
            watch.next();
          } catch (ApiException | InterruptedException e) {
            failed.countDown();
          }
        });
    Awaitility.await().until(() -> reader.getState() == Thread.State.WAITING);
    watch.close();
    reader.join();
    assertThat(failed.getCount()).isZero();
    release.countDown();
  }

  private static String status(int code, String reason, String message) {
    return "{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"%s\",\"reason\":\"%s\",\"code\":%d}"
        .formatted(message, reason, code);
  }
}
