package dev.coxswain.api.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.quantity.Quantity;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class QuotaUsageTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final GroupResource PODS = new GroupResource("", "pods");

  @Test
  void aPodUsesWhatItsContainersTogetherOrItsInitContainersAloneAskFor() {
    Map<String, Quantity> usage =
        QuotaUsage.of(
            PODS,
            json(
                """
                {"spec": {
                  "containers": [
                    {"resources": {"requests": {"cpu": "100m", "memory": "1Gi"},
                                   "limits": {"cpu": "1"}}},
                    {"resources": {"requests": {"cpu": "200m", "example.com/gpu": "2"}}}],
                  "initContainers": [
                    {"restartPolicy": "Always", "resources": {"requests": {"cpu": "50m"}}},
                    {"resources": {"requests": {"cpu": "1", "memory": "100Mi"}}}],
                  "overhead": {"cpu": "10m"}}}
                """),
            NOW);
    assertThat(usage)
        .containsEntry("count/pods", Quantity.of(1))
        .containsEntry("pods", Quantity.of(1))
        .containsEntry("cpu", Quantity.parse("1060m"))
        .containsEntry("requests.cpu", Quantity.parse("1060m"))
        .containsEntry("requests.memory", Quantity.parse("1Gi"))
        .containsEntry("requests.example.com/gpu", Quantity.of(2))
        .containsEntry("limits.cpu", Quantity.parse("1010m"))
        .doesNotContainKey("example.com/gpu")
        .doesNotContainKey("limits.memory");
  }

  @Test
  void aPodThatEndedUsesOnlyItsObject() {
    assertThat(QuotaUsage.of(PODS, json("{\"status\": {\"phase\": \"Failed\"}}"), NOW))
        .containsOnlyKeys("count/pods");
    String going =
        """
        {"metadata": {"deletionTimestamp": "2026-01-01T11:58:00Z", "deletionGracePeriodSeconds": %d}}
        """;
    assertThat(QuotaUsage.of(PODS, json(going.formatted(30)), NOW)).containsOnlyKeys("count/pods");
    assertThat(QuotaUsage.of(PODS, json(going.formatted(300)), NOW)).containsKey("pods");
  }

  @Test
  void anyKindIsCountedUnderItsNameButEvents() {
    GroupResource widgets = new GroupResource("example.com", "widgets");
    assertThat(QuotaUsage.counted("count/widgets.example.com")).contains(widgets);
    assertThat(QuotaUsage.counted("count/endpoints")).contains(new GroupResource("", "endpoints"));
    assertThat(QuotaUsage.counted("requests.cpu")).isEmpty();
    assertThat(QuotaUsage.concerns(widgets, "count/widgets.example.com")).isTrue();
    assertThat(QuotaUsage.concerns(new GroupResource("", "events"), "count/events")).isFalse();
  }

  @Test
  void servicesAndClaims() {
    assertThat(
            QuotaUsage.of(
                new GroupResource("", "services"),
                json("{\"spec\": {\"type\": \"LoadBalancer\", \"ports\": [{}, {}]}}"),
                NOW))
        .containsEntry("services.loadbalancers", Quantity.of(1))
        .containsEntry("services.nodeports", Quantity.of(2));
    assertThat(
            QuotaUsage.of(
                new GroupResource("", "persistentvolumeclaims"),
                json(
                    """
                    {"spec": {"storageClassName": "gold",
                      "resources": {"requests": {"storage": "5Gi"}}}}
                    """),
                NOW))
        .containsEntry("requests.storage", Quantity.parse("5Gi"))
        .containsEntry("gold.storageclass.storage.k8s.io/requests.storage", Quantity.parse("5Gi"))
        .containsEntry("gold.storageclass.storage.k8s.io/persistentvolumeclaims", Quantity.of(1));
    assertThat(QuotaUsage.of(new GroupResource("batch", "jobs"), json("{}"), NOW))
        .containsOnlyKeys("count/jobs.batch");
  }

  @Test
  void scopesTellPodsApart() {
    JsonNode modest = json("{\"spec\": {\"containers\": [{}], \"activeDeadlineSeconds\": 5}}");
    assertThat(scopes("{\"scopes\": [\"BestEffort\", \"Terminating\"]}").match(PODS, modest))
        .isTrue();
    assertThat(scopes("{\"scopes\": [\"NotTerminating\"]}").match(PODS, modest)).isFalse();
    assertThat(
            scopes("{\"scopes\": [\"BestEffort\"]}")
                .match(new GroupResource("", "services"), modest))
        .isFalse();
    String high =
        """
        {"scopeSelector": {"matchExpressions": [
          {"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}]}}
        """;
    assertThat(scopes(high).match(PODS, modest)).isFalse();
    assertThat(scopes(high).match(PODS, json("{\"spec\": {\"priorityClassName\": \"high\"}}")))
        .isTrue();
  }

  private static QuotaScopes scopes(String spec) {
    return QuotaScopes.of(json(spec));
  }

  private static JsonNode json(String text) {
    return Json.parse(text);
  }
}
