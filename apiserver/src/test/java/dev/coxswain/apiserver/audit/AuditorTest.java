package dev.coxswain.apiserver.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.InProcessServer;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

final class AuditorTest {
  private static final String POLICY =
      """
      apiVersion: audit.k8s.io/v1
      kind: Policy
      rules:
      - {level: None, namespaces: [""]}
      - level: RequestResponse
        omitManagedFields: true
        resources: [{group: "", resources: [configmaps]}]
      - {level: Metadata, resources: [{group: "", resources: [secrets, pods]}]}
      """;
  private static final String MAPS = "/api/v1/namespaces/default/configmaps";

  @TempDir private Path folder;
  private final List<String> lines = new ArrayList<>();
  private InProcessServer server;
  private Auditor auditor;

  @BeforeEach
  void start() throws IOException {
    AuditLog.Target target =
        new AuditLog.Target() {
          @Override
          public void write(List<byte[]> more) {
            synchronized (lines) {
              more.forEach(line -> lines.add(new String(line, StandardCharsets.UTF_8)));
            }
          }

          @Override
          public void close() {}
        };
    SystemTime time = new SystemTime();
    auditor =
        new Auditor(
            PolicyFile.read(Files.writeString(folder.resolve("policy.yaml"), POLICY)),
            new AuditLog(target, new AuditMetrics(new PrometheusRegistry()), time),
            time,
            Randomness.seeded(7));
    server = new InProcessServer(Randomness.seeded(7), auditor);
  }

  @AfterEach
  void stop() {
    server.close();
    auditor.close();
  }

  private List<String> lines() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  private List<ObjectNode> events(String resource) {
    return lines().stream()
        .map(Json::parseObject)
        .filter(event -> Json.text(event, "objectRef", "resource").equals(resource))
        .toList();
  }

  @Test
  void anAnswerThatIsSeenIsToldWithAllThatThePolicyWants() {
    server.send(
        "POST",
        MAPS,
        Json.parse("{\"metadata\": {\"name\": \"colours\"}, \"data\": {\"sky\": \"blue\"}}"));
    List<ObjectNode> events = events("configmaps");
    assertThat(events)
        .extracting(event -> Json.text(event, "stage"))
        .containsExactly("RequestReceived", "ResponseComplete");
    assertThat(events).extracting(event -> Json.text(event, "auditID")).doesNotContain("");
    ObjectNode event = events.getLast();
    assertThat(Json.text(event, "auditID")).isEqualTo(Json.text(events.getFirst(), "auditID"));
    assertThat(Json.text(event, "apiVersion")).isEqualTo("audit.k8s.io/v1");
    assertThat(Json.text(event, "level")).isEqualTo("RequestResponse");
    assertThat(Json.text(event, "user", "username")).isEqualTo("ada");
    assertThat(Json.text(event, "verb")).isEqualTo("create");
    assertThat(Json.text(event, "requestURI")).isEqualTo(MAPS);
    assertThat(Json.text(event, "objectRef", "name")).isEqualTo("colours");
    assertThat(Json.number(event, 0, "responseStatus", "code")).isEqualTo(201);
    assertThat(Json.text(event, "requestObject", "data", "sky")).isEqualTo("blue");
    assertThat(Json.text(event, "responseObject", "metadata", "uid")).isNotEmpty();
    assertThat(Json.at(event, "responseObject", "metadata", "managedFields").isMissingNode())
        .isTrue();
    assertThat(Json.text(event, "annotations", "authorization.k8s.io/decision")).isEqualTo("allow");
  }

  @Test
  void bodiesAreToldOnlyWhereThePolicyWantsThem() {
    server.send(
        "POST",
        "/api/v1/namespaces/default/secrets",
        Json.parse("{\"metadata\": {\"name\": \"key\"}, \"stringData\": {\"a\": \"hush\"}}"));
    assertThat(events("secrets")).hasSize(2);
    assertThat(lines()).noneMatch(line -> line.contains("hush"));
  }

  @Test
  void whyARequestFailedIsTold() {
    server.send("GET", MAPS + "/sounds");
    ObjectNode event = events("configmaps").getLast();
    assertThat(Json.number(event, 0, "responseStatus", "code")).isEqualTo(404);
    assertThat(Json.text(event, "responseStatus", "reason")).isEqualTo("NotFound");
    assertThat(Json.text(event, "responseStatus", "details", "name")).isEqualTo("sounds");
  }

  @Test
  void whoAsksToBeSomebodyElseIsToldWithBothNames() {
    server.send(
        "GET",
        MAPS,
        Map.of("Impersonate-User", "grace", "Audit-ID", "mine", "X-Forwarded-For", "10.1.2.3"),
        new byte[0]);
    ObjectNode event = events("configmaps").getLast();
    assertThat(Json.text(event, "auditID")).isEqualTo("mine");
    assertThat(Json.text(event, "user", "username")).isEqualTo("ada");
    assertThat(Json.text(event, "impersonatedUser", "username")).isEqualTo("grace");
    assertThat(event.path("sourceIPs")).hasSize(2).first().hasToString("\"10.1.2.3\"");
  }

  @Test
  void aWatchIsToldWhenItBeginsAndWhenItIsOver() {
    server.send("GET", MAPS + "?watch=true&resourceVersion=0");
    // Unlike an answer, a watch does not wait for the log.
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(events("configmaps"))
                .extracting(event -> Json.text(event, "stage"))
                .startsWith("RequestReceived", "ResponseStarted"));
    assertThat(events("configmaps"))
        .extracting(event -> Json.at(event, "responseObject").isMissingNode())
        .containsOnly(true);
  }

  @Test
  void whatThePolicyDoesNotWantIsNotTold() {
    server.send("GET", "/api/v1/namespaces/default/endpoints");
    server.send("GET", "/api/v1/nodes");
    assertThat(lines()).isEmpty();
  }
}
