package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Rules of a cluster's own, as people write them into policies. */
@ExtendWith(SharedCluster.class)
final class AdmissionPolicyEndToEndTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
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

  private static final String MARKS =
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: MutatingAdmissionPolicy
      metadata: {name: marks}
      spec:
        matchConstraints:
          resourceRules:
          - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}
        reinvocationPolicy: Never
        variables:
        - {name: size, expression: "string(object.spec.replicas)"}
        mutations:
        - patchType: ApplyConfiguration
          applyConfiguration:
            expression: >
              Object{
                metadata: Object.metadata{annotations: {"example.com/size": variables.size}},
                spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{
                  containers: object.spec.template.spec.containers.map(c,
                    Object.spec.template.spec.containers{name: c.name,
                      env: [Object.spec.template.spec.containers.env{name: "MARKED", value: "yes"}]})}}}
              }
        - patchType: JSONPatch
          jsonPatch:
            expression: >
              [JSONPatch{op: "replace", path: "/spec/replicas", value: 0}]
      ---
      apiVersion: admissionregistration.k8s.io/v1
      kind: MutatingAdmissionPolicyBinding
      metadata: {name: marks}
      spec:
        policyName: marks
        matchResources: {objectSelector: {matchLabels: {app: to-be-marked}}}
      """;

  @AfterEach
  void forget(Cluster cluster) {
    for (String kind : new String[] {"policybindings", "policies"}) {
      cluster.kubectl(
          "delete", "validatingadmission" + kind, "no-secrets-in-names", "--ignore-not-found");
      cluster.kubectl("delete", "mutatingadmission" + kind, "marks", "--ignore-not-found");
    }
    cluster.kubectl("delete", "configmap", "my-secret", "--ignore-not-found");
  }

  @Test
  void whatThePolicyForbidsIsRefused(Cluster cluster) {
    cluster.apply("default", POLICY);
    await()
        .atMost(Cluster.PATIENCE)
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
        .atMost(Cluster.PATIENCE)
        .until(() ->
            cluster
                    .json("validatingadmissionpolicy", "no-secrets-in-names")
                    .at("/status/observedGeneration")
                    .asInt()
                == 1);
  }

  @Test
  void aPolicyChangesWhatItIsBoundTo(Cluster cluster) {
    cluster.apply("default", MARKS);
    await()
        .atMost(Cluster.PATIENCE)
        .untilAsserted(() -> {
          JsonNode marked = deployed(cluster, "to-be-marked");
          assertThat(marked.at("/metadata/annotations/example.com~1size").asString())
              .isEqualTo("3");
          assertThat(marked.at("/spec/replicas").asInt()).isZero();
          assertThat(marked.at("/spec/template/spec/containers/0/env/0/name").asString())
              .isEqualTo("MARKED");
          assertThat(marked.at("/spec/template/spec/containers/0/image").asString())
              .isEqualTo("coxswain/demo:1");
        });
    JsonNode other = deployed(cluster, "left-alone");
    assertThat(other.at("/metadata/annotations").isMissingNode()).isTrue();
    assertThat(other.at("/spec/replicas").asInt()).isEqualTo(3);
  }

  /** What would be stored. */
  private static JsonNode deployed(Cluster cluster, String name) {
    return JSON.readTree(
        cluster.kubectl(
            "create",
            "deployment",
            name,
            "--image=coxswain/demo:1",
            "--replicas=3",
            "--dry-run=server",
            "-o",
            "json"));
  }
}
