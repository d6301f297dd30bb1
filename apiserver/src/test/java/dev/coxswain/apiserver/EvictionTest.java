package dev.coxswain.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.http.LocalRequests.Reply;
import dev.coxswain.runtime.time.Randomness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

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
    Reply evicted =
        post(
            POD + "/eviction",
            """
            {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "web"}}
            """);
    assertThat(evicted.status()).as(evicted.body()).isEqualTo(201);
    assertThat(server.send("GET", POD).status()).isEqualTo(404);
  }
}
