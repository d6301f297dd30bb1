package dev.coxswain.apiserver.kinds.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.InProcessServer;
import dev.coxswain.apiserver.http.LocalRequests.Reply;
import dev.coxswain.runtime.time.Randomness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Policies that change objects are one resource, by the name of the beta, too. */
class PolicyVersionsTest {
  private static final String GROUP = "/apis/admissionregistration.k8s.io/";
  private static final String POLICIES = "/mutatingadmissionpolicies";
  private static final String BINDINGS = "/mutatingadmissionpolicybindings";

  private final InProcessServer server = new InProcessServer(Randomness.seeded(5));

  @AfterEach
  void stop() {
    server.close();
  }

  private static String policy(String failurePolicy) {
    return """
    {"metadata": {"name": "marks"}, "spec": {"failurePolicy": "%s",
      "reinvocationPolicy": "Never",
      "matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"],
        "operations": ["CREATE"], "resources": ["pods"]}]},
      "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression":
        "[JSONPatch{op: 'add', path: '/metadata/labels', value: {'a': 'b'}}]"}}]}}
    """
        .formatted(failurePolicy);
  }

  @Test
  void whatIsCreatedByOneNameIsFoundByTheOther() {
    Reply created = server.send("POST", GROUP + "v1beta1" + POLICIES, Json.parse(policy("Ignore")));
    assertThat(created.status()).isEqualTo(201);
    assertThat(created.body()).contains("\"apiVersion\":\"admissionregistration.k8s.io/v1beta1\"");
    assertThat(server.send("GET", GROUP + "v1" + POLICIES + "/marks").body())
        .contains("\"apiVersion\":\"admissionregistration.k8s.io/v1\"", "\"Ignore\"");
    assertThat(server.send("DELETE", GROUP + "v1" + POLICIES + "/marks").status()).isEqualTo(200);
    assertThat(server.send("GET", GROUP + "v1beta1" + POLICIES + "/marks").status()).isEqualTo(404);
    server.send(
        "POST",
        GROUP + "v1" + BINDINGS,
        Json.parse("{\"metadata\": {\"name\": \"marks\"}, \"spec\": {\"policyName\": \"marks\"}}"));
    assertThat(server.send("GET", GROUP + "v1beta1" + BINDINGS).body())
        .contains("\"kind\":\"MutatingAdmissionPolicyBindingList\"", "\"policyName\":\"marks\"");
  }

  @Test
  void bothNamesHaveTheSameRules() {
    for (String version : new String[] {"v1", "v1beta1"}) {
      Reply refused = server.send("POST", GROUP + version + POLICIES, Json.parse(policy("Maybe")));
      assertThat(refused.status()).isEqualTo(422);
      assertThat(refused.body()).contains("spec.failurePolicy: Unsupported value");
    }
  }

  @Test
  void theOlderNameIsNotPreferred() {
    assertThat(server.send("GET", "/apis/admissionregistration.k8s.io").body())
        .contains("\"preferredVersion\":{\"groupVersion\":\"admissionregistration.k8s.io/v1\"");
    assertThat(server.send("GET", GROUP + "v1beta1").body())
        .contains("\"mutatingadmissionpolicies\"")
        .doesNotContain("validatingadmissionpolicies");
  }
}
