package dev.coxswain.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.audit.Auditor;
import dev.coxswain.apiserver.http.LocalRequests.Reply;
import dev.coxswain.apiserver.storage.ForwardingStore;
import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.storage.StorePage;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.apiserver.storage.WriteOutcome;
import dev.coxswain.runtime.time.ForwardingTime;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** Requests whose store is slow, by a clock that a call of it sets forward. */
final class SlowVerbsTest {
  private static final String MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String CUSTOM = "/apis/example.com/v1/namespaces/default/boats";

  private final AtomicLong nanos = new AtomicLong();
  private final Time time = new SteppedTime(nanos);
  private final Thread own = Thread.currentThread();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final InProcessServer server =
      new InProcessServer(
          Randomness.seeded(13),
          Auditor.off(time, Randomness.seeded(13)),
          time,
          SlowStore::new,
          lines::add);

  /** How long each call of the store takes from now on, in milliseconds. */
  private volatile long millis;

  /** A clock whose monotonic hand is moved by the test alone. */
  private static final class SteppedTime extends ForwardingTime {
    private final AtomicLong hand;

    SteppedTime(AtomicLong hand) {
      super(new SystemTime());
      this.hand = hand;
    }

    @Override
    public long nanos() {
      return hand.get();
    }
  }

  private final class SlowStore extends ForwardingStore {
    SlowStore(Store store) {
      super(store);
    }

    private void pass() {
      nanos.addAndGet(Duration.ofMillis(millis).toNanos());
    }

    /** A request waits for it; the call itself is made on another thread for all who do. */
    @Override
    public long revision() {
      pass();
      return super.revision();
    }

    @Override
    public StorePage range(String from, String to, long revision, int limit) {
      if (Thread.currentThread().equals(own)) {
        pass();
      }
      return super.range(from, to, revision, limit);
    }

    @Override
    public WriteOutcome commit(List<StoreWrite> writes) {
      if (Thread.currentThread().equals(own)) {
        pass();
      }
      return super.commit(writes);
    }
  }

  @BeforeEach
  void define() {
    ObjectNode definition =
        Json.parseObject(
            """
            {"metadata": {"name": "boats.example.com"},
             "spec": {"group": "example.com", "scope": "Namespaced",
              "names": {"plural": "boats", "singular": "boat", "kind": "Boat"},
              "versions": [{"name": "v1", "served": true, "storage": true, "schema":
               {"openAPIV3Schema": {"type": "object",
                "properties": {"data": {"type": "object",
                 "additionalProperties": {"type": "string"}}}}}}]}}
            """);
    String definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    assertThat(server.send("POST", definitions, definition).status()).isEqualTo(201);
    // Once that is said of it nobody writes but the test.
    await()
        .untilAsserted(() ->
            assertThat(server.send("GET", definitions + "/boats.example.com").body())
                .contains("InitialNamesAccepted"));
    assertThat(lines).isEmpty();
  }

  @AfterEach
  void stop() {
    millis = 0;
    server.close();
  }

  private static ObjectNode object() {
    return Json.parseObject("{\"metadata\": {\"name\": \"a\"}, \"data\": {\"k\": \"1\"}}");
  }

  /** All the time went into the store, and the line says so. */
  private void assertTold(String verb, String path, Reply reply) {
    assertThat(reply.status()).as(reply.body()).isBetween(200, 201);
    assertThat(lines)
        .singleElement()
        .asString()
        .matches(
            "slow request: "
                + verb
                + " "
                + path
                + " by  answered "
                + reply.status()
                + " after (\\d+) ms: store \\1 ms( \\(\\d+ calls\\))?");
    lines.clear();
  }

  @ParameterizedTest
  @ValueSource(strings = {MAPS, CUSTOM})
  void whateverTheVerbTheStoresPartIsTold(String all) {
    ObjectNode object = object();
    if (all.equals(CUSTOM)) {
      object.put("apiVersion", "example.com/v1").put("kind", "Boat");
    }
    String one = all + "/a";
    millis = 700;
    assertTold("create", all, server.send("POST", all, object));
    Reply got = server.send("GET", one);
    assertTold("get", one, got);
    assertTold("list", all, server.send("GET", all));
    ObjectNode changed = Json.parseObject(got.body());
    changed.putObject("data").put("k", "2");
    assertTold("update", one, server.send("PUT", one, changed));
    String patch = "{\"data\": {\"k\": \"3\"}}";
    String merge = "application/merge-patch+json";
    assertTold("patch", one, server.send("PATCH", one, merge, patch));
    assertTold("delete", one, server.send("DELETE", one));
    server.send("POST", all, object);
    lines.clear();
    assertTold("deletecollection", all, server.send("DELETE", all));
  }

  @Test
  void aRequestOfLessThanHalfASecondIsNotTold() {
    millis = 499;
    server.send("POST", MAPS, object());
    assertThat(lines).isEmpty();
  }
}
