package dev.coxswain.apiserver.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.cluster.CertificateRequestStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class CertificateRequestTest {
  private static final Schema SCHEMA =
      BuiltinSchemas.load().kind("certificates.k8s.io", "v1", "CertificateSigningRequest");
  private final CertificateRequestStrategy strategy = new CertificateRequestStrategy(SCHEMA);

  private static ObjectNode request(String status) {
    return Json.parseObject(
        ("{'metadata':{'name':'r'},'spec':{'signerName':'example.com/s'},'status':" + status + "}")
            .replace('\'', '"'));
  }

  private static final String APPROVED = "{'conditions':[{'type':'Approved','status':'True'}]}";

  @Test
  void onlyApprovalDecides() {
    ObjectNode byStatus = request(APPROVED);
    strategy.prepareForStatusUpdate(byStatus, request("{}"));
    assertThat(Json.at(byStatus, "status", "conditions").isEmpty()).isTrue();
    ObjectNode byApproval = request(APPROVED);
    strategy.approval(SCHEMA).prepareForUpdate(byApproval, request("{}"));
    assertThat(Json.at(byApproval, "status", "conditions")).hasSize(1);
  }

  @Test
  void onlyStatusSignsAndNobodyChangesWhatIsAskedFor() {
    ObjectNode signed = request("{'certificate':'eA=='}");
    Json.ensureObject(signed, "spec").put("signerName", "example.com/other");
    ObjectNode byApproval = signed.deepCopy();
    strategy.approval(SCHEMA).prepareForUpdate(byApproval, request(APPROVED));
    assertThat(Json.at(byApproval, "status").has("certificate")).isFalse();
    ObjectNode byStatus = signed.deepCopy();
    strategy.prepareForStatusUpdate(byStatus, request(APPROVED));
    assertThat(Json.text(byStatus, "status", "certificate")).isEqualTo("eA==");
    assertThat(Json.at(byStatus, "status", "conditions")).hasSize(1);
    for (ObjectNode object : new ObjectNode[] {byApproval, byStatus}) {
      assertThat(Json.text(object, "spec", "signerName")).isEqualTo("example.com/s");
    }
  }

  @Test
  void aDecisionStands() {
    ObjectNode denied = request("{'conditions':[{'type':'Denied','status':'True'}]}");
    assertThat(strategy.approval(SCHEMA).validateUpdate(denied, request(APPROVED)))
        .extracting(FieldError::message)
        .contains(
            "status.conditions: Forbidden: updates may not remove a condition of type"
                + " \"Approved\"");
  }
}
