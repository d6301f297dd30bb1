package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Rules of a cluster's own, as people write them into policies. */
@ExtendWith(SharedCluster.class)
final class AdmissionPolicyEndToEndTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String POLICY =
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicy
      metadata: {name: no-secrets-in-names}
      spec:
        matchConstraints:
          resourceRules:
          - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
        variables:
        - {name: words, expression: "object.metadata.name.split('-')"}
        validations:
        - expression: variables.words.all(word, word != 'secret')
          messageExpression: "'%s: no secrets here'.format([request.userInfo.username])"
      ---
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicyBinding
      metadata: {name: no-secrets-in-names}
      spec: {policyName: no-secrets-in-names, validationActions: [Deny]}
      """;

  @AfterEach
  void forget(Cluster cluster) {
    for (String kind : new String[] {"policybindings", "policies"}) {
      cluster.kubectl(
          "delete", "validatingadmission" + kind, "no-secrets-in-names", "--ignore-not-found");
    }
    cluster.kubectl("delete", "configmap", "my-secret", "--ignore-not-found");
  }

  @Test
  void whatThePolicyForbidsIsRefused(Cluster cluster) {
    cluster.apply("default", POLICY);
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    cluster
                        .tryKubectl("create", "configmap", "my-secret", "--dry-run=server")
                        .errors())
                .contains(
                    "ValidatingAdmissionPolicy 'no-secrets-in-names' with binding"
                        + " 'no-secrets-in-names' denied request: ")
                .contains(": no secrets here"));
    await()
        .atMost(SOON)
        .until(() ->
            cluster
                    .json("validatingadmissionpolicy", "no-secrets-in-names")
                    .at("/status/observedGeneration")
                    .asInt()
                == 1);
  }
}
