package dev.coxswain.apiserver.definition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class ApprovalTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://example.com/1 | True  | ApprovedAnnotation   | approved in https://example.com/1",
        "unapproved, a test    | False | UnapprovedAnnotation | not approved: \"unapproved, a"
            + " test\"",
        "''                    | False | MissingAnnotation    | protected groups must have"
            + " approval",
        "yes                   | False | InvalidAnnotation    | with either a URL or a reason",
      })
  void itIsToldWhereItWasAgreedUpon(String given, String status, String reason, String message) {
    Conditions.Condition condition =
        Approval.condition(definition("gateway.networking.k8s.io", given)).orElseThrow();
    assertThat(condition.type()).isEqualTo("KubernetesAPIApprovalPolicyConformant");
    assertThat(condition.status()).isEqualTo(status);
    assertThat(condition.reason()).isEqualTo(reason);
    assertThat(condition.message()).contains(message);
  }

  @ParameterizedTest
  @CsvSource({"example.com", "myk8s.io"})
  void othersGroupsAreTheirOwn(String group) {
    assertThat(Approval.condition(definition(group, ""))).isEmpty();
  }

  private static ObjectNode definition(String group, String approval) {
    ObjectNode definition = Json.object();
    Json.ensureObject(definition, "metadata", "annotations").put(Approval.ANNOTATION, approval);
    Json.ensureObject(definition, "spec").put("group", group);
    return definition;
  }
}
