package dev.coxswain.apiserver.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.time.ManualTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class NodeReadingsTest {
  private static final Instant THEN = Instant.parse("2030-01-01T00:00:00Z");

  private static Reading reading(int seconds, String containers) {
    return Reading.parse(
        """
        {"node": {"cpu": {"time": "%1$s", "usageCoreNanoSeconds": %2$d},
                  "memory": {"workingSetBytes": 1048576}},
         "pods": [{"podRef": {"uid": "u"}, "containers": [%3$s]}]}
        """
            .formatted(THEN.plusSeconds(seconds), seconds * 2_000_000_000L, containers)
            .getBytes(StandardCharsets.UTF_8));
  }

  private static String container(String name, int seconds, long nanos) {
    return """
    {"name": "%s", "cpu": {"time": "%s", "usageCoreNanoSeconds": %d},
     "memory": {"workingSetBytes": 2048}}
    """
        .formatted(name, THEN.plusSeconds(seconds), nanos);
  }

  private static final ObjectNode POD =
      Json.parseObject("{\"metadata\": {\"name\": \"p\", \"namespace\": \"n\", \"uid\": \"u\"}}");

  @Test
  void aPodsUseIsTheRateBetweenTwoReadings() {
    var pair =
        new NodeReadings.Pair(
            reading(0, container("c", 0, 0)), reading(10, container("c", 10, 2_500_000_000L)));
    ObjectNode metrics = UsageKinds.pod(POD, pair).orElseThrow();
    assertThat(metrics.path("window").asString()).isEqualTo("10000ms");
    assertThat(metrics.path("containers").get(0).path("usage"))
        .isEqualTo(Json.parse("{\"cpu\": \"250000000n\", \"memory\": \"2Ki\"}"));
  }

  @Test
  void aPodWhoseContainerBeganMeanwhileIsLeftOut() {
    var pair =
        new NodeReadings.Pair(
            reading(0, container("c", 0, 5)),
            reading(10, container("c", 10, 9) + "," + container("d", 10, 9)));
    assertThat(UsageKinds.pod(POD, pair)).isEmpty();
    var restarted =
        new NodeReadings.Pair(reading(0, container("c", 0, 5)), reading(10, container("c", 10, 3)));
    assertThat(UsageKinds.pod(POD, restarted)).isEmpty();
  }

  @Test
  void readsTwiceAtFirstAndThenOnlyWhatIsNoLongerFresh() throws Exception {
    var time = new ManualTime();
    var reads = new AtomicInteger();
    var readings =
        new NodeReadings(
            node -> {
              if (node.equals("dead")) {
                throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, "nobody answers");
              }
              return reading(reads.getAndIncrement(), "");
            },
            time);
    Map<String, NodeReadings.Pair> first;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var asked = threads.submit(() -> readings.of(Set.of("n", "dead")));
      await().until(() -> time.waiting() == 1);
      time.advance(Duration.ofSeconds(1));
      first = asked.get();
    }
    assertThat(first).containsOnlyKeys("n");
    NodeReadings.Pair pair = Objects.requireNonNull(first.get("n"));
    assertThat(
            Use.between(pair.before().node().orElseThrow(), pair.after().node().orElseThrow())
                .orElseThrow()
                .nanoCores())
        .isEqualTo(2_000_000_000L);
    time.advance(Duration.ofSeconds(9));
    assertThat(readings.of(Set.of("n"))).isEqualTo(first);
    assertThat(reads).hasValue(2);
    time.advance(Duration.ofSeconds(1));
    assertThat(readings.of(Set.of("n"))).isNotEqualTo(first);
    assertThat(reads).hasValue(3);
  }
}
