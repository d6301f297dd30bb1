package dev.coxswain.apiserver.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.coxswain.api.json.Json;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class TruncationTest {
  private static final int MOST = 200;

  private final List<String> arrived = new ArrayList<>();
  private final EventSink sink = new Truncation(true, 1000, MOST).before(recording(), metrics());

  private static AuditMetrics metrics() {
    return new AuditMetrics(new PrometheusRegistry());
  }

  private EventSink recording() {
    return new EventSink() {
      @Override
      public void awaitWritable() {}

      @Override
      public void begin(byte[] event) {
        add(event);
      }

      @Override
      public void add(byte[] event) {
        arrived.add(new String(event, StandardCharsets.UTF_8));
      }

      @Override
      public void addAndWait(byte[] event) {
        add(event);
      }

      @Override
      public void close() {}
    };
  }

  private static byte[] event(String id, String body) {
    ObjectNode event = Json.object().put("auditID", id).put("level", "Request");
    event.putObject("requestObject").put("text", body);
    event.putObject("annotations").put("kept", "yes");
    return Json.bytes(event);
  }

  @Test
  void anEventThatFitsIsLeftAlone() throws InterruptedException {
    sink.add(event("a", "short"));
    sink.addAndWait(event("b", "short"));
    sink.begin(event("c", "short"));
    assertThat(arrived).hasSize(3).allMatch(event -> event.contains("short"));
  }

  @Test
  void bodiesOfALongOneAreLeftOutAndItSaysSo() {
    sink.add(event("a", "x".repeat(MOST)));
    assertThat(arrived)
        .singleElement()
        .satisfies(event -> {
          assertThat(event)
              .doesNotContain("requestObject")
              .contains("\"audit.k8s.io/truncated\":\"true\"", "\"kept\":\"yes\"");
          assertThat(event.length()).isLessThanOrEqualTo(MOST);
        });
  }

  @Test
  void oneThatIsTooLongEvenThenIsLost() {
    sink.add(event("a".repeat(MOST), "x"));
    assertThat(arrived).isEmpty();
  }

  @Test
  void limitsMustMakeSense() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Truncation(true, 10, 11).checked("--audit-log-truncate"))
        .withMessageContaining("--audit-log-truncate-max-batch-size: must not be less");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Truncation(true, 10, 0).checked("--audit-webhook-truncate"))
        .withMessageContaining("--audit-webhook-truncate-max-event-size");
  }

  @Test
  void aBatchNeverBecomesTooLarge() {
    assertThat(new Truncation(true, 1000, 200).fullBytes() - 1 + 200).isEqualTo(1000);
  }
}
