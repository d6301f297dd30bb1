package dev.coxswain.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.http.LocalRequests.Reply;
import dev.coxswain.runtime.time.Randomness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** An eviction is admitted as what it is, and not as the deletion that it leads to. */
final class EvictionTest {
  private static final String POD = "/api/v1/namespaces/default/pods/web";
  private static final String POLICIES =
      "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";

  private final InProcessServer server = new InProcessServer(Randomness.seeded(11));

  @AfterEach
  void stop() {
    server.close();
  }

  private Reply post(String path, String text) {
    return server.send("POST", path, Json.parse(text));
  }

  private Reply evict() {
    return post(
        POD + "/eviction",
        """
        {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "web"}}
        """);
  }

  @Test
  void whoMayNotDeletePodsMayStillEvictThem() {
    post(
        "/api/v1/namespaces/default/pods",
        """
        {"metadata": {"name": "web"},
         "spec": {"containers": [{"name": "a", "image": "a"}], "terminationGracePeriodSeconds": 0}}
        """);
    post(
        POLICIES,
        """
        {"metadata": {"name": "keep"}, "spec": {
          "matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"],
            "operations": ["DELETE"], "resources": ["pods"]}]},
          "validations": [{"expression": "false", "message": "pods are kept"}]}}
        """);
    post(
        POLICIES.replace("policies", "policybindings"),
        """
        {"metadata": {"name": "keep"},
         "spec": {"policyName": "keep", "validationActions": ["Deny"]}}
        """);
    await()
        .untilAsserted(() ->
            assertThat(server.send("DELETE", POD + "?dryRun=All").body())
                .contains("pods are kept"));
    Reply evicted = evict();
    assertThat(evicted.status()).as(evicted.body()).isEqualTo(201);
    assertThat(server.send("GET", POD).status()).isEqualTo(404);
  }

  /** A budget counts from its making to its deletion, whatever this server has heard of it. */
  @Test
  void whatWasJustWrittenOfABudgetCounts() {
    String budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
    for (int round = 0; round < 50; round++) {
      post(
          "/api/v1/namespaces/default/pods",
          """
          {"metadata": {"name": "web", "labels": {"app": "web"}},
           "spec": {"containers": [{"name": "a", "image": "a"}],
                    "terminationGracePeriodSeconds": 0}}
          """);
      ObjectNode running = (ObjectNode) Json.parse(server.send("GET", POD).body());
      running.withObject("status").put("phase", "Running");
      assertThat(server.send("PUT", POD + "/status", running).status()).isEqualTo(200);
      post(
          budgets,
          """
          {"metadata": {"name": "web"},
           "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}}
          """);
      Reply refused = evict();
      assertThat(refused.status()).as(refused.body()).isEqualTo(429);
      assertThat(server.send("DELETE", budgets + "/web").status()).isEqualTo(200);
      Reply evicted = evict();
      assertThat(evicted.status()).as(evicted.body()).isEqualTo(201);
    }
  }
}
