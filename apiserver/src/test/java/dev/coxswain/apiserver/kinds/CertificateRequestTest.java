package dev.coxswain.apiserver.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.cluster.CertificateRequestStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  private static List<String> said(List<FieldError> errors) {
    return errors.stream().map(FieldError::message).map(text -> text.replace('"', '`')).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\"',
      value = {
        "example.com/s | 'client auth' |",
        "example.com/s | | spec.usages: Required value: usages must be provided",
        "example.com/s | 'client auth','client auth' | spec.usages[1]: Duplicate value: `client"
            + " auth`",
        "example/s | 'client auth' | spec.signerName: Invalid value: `example`: should be a domain"
            + " with at least two segments separated by dots",
        "example.com | 'client auth' | spec.signerName: Invalid value: `example.com`: must be a"
            + " fully qualified domain and path of the form 'example.com/signer-name'",
        "kubernetes.io/legacy-unknown | 'client auth' | spec.signerName: Invalid value:"
            + " `kubernetes.io/legacy-unknown`: the legacy signerName is not allowed via this API"
            + " version",
      })
  void whatIsAskedForIsChecked(String signer, @Nullable String usages, @Nullable String problem) {
    ObjectNode object = request("{}");
    Json.ensureObject(object, "spec")
        .put("signerName", signer)
        .put("request", "eA==")
        .set(
            "usages",
            Json.mapper()
                .readTree(("[" + (usages == null ? "" : usages) + "]").replace('\'', '"')));
    String wrong =
        "spec.request: Invalid value: `eA==`: PEM block type must be CERTIFICATE REQUEST";
    assertThat(said(strategy.validate(object)))
        .containsExactlyInAnyOrderElementsOf(
            problem == null ? List.of(wrong) : List.of(wrong, problem));
    // What is there stays as it is.
    assertThat(said(strategy.validateUpdate(object, object)))
        .isEqualTo(usages == null ? List.of(String.valueOf(problem)) : List.of());
  }

  @Test
  void anUnknownUsageIsNotSupported() {
    ObjectNode object = request("{}");
    Json.ensureObject(object, "spec").putArray("usages").add("flying");
    assertThat(said(strategy.validate(object)))
        .anyMatch(
            text -> text.startsWith("spec.usages[0]: Unsupported value: `flying`: supported"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\"',
      value = {
        "{'type':'Approved','status':'False'} | status.conditions[0].status: Unsupported value:"
            + " `False`: supported values: `True`",
        "{'type':'','status':'True'} | status.conditions[0].type: Required value",
        "{'type':'Odd','status':'Unknown'} |",
        "{'type':'Odd'} | status.conditions[0].status: Required value",
        "{'type':'Approved','status':'True'},{'type':'Denied','status':'True'} |"
            + " status.conditions[1].type: Invalid value: `Denied`: Approved and Denied conditions"
            + " are mutually exclusive",
        "{'type':'Odd','status':'True'},{'type':'Odd','status':'True'} | status.conditions[1].type:"
            + " Duplicate value: `Odd`",
      })
  void conditionsAreChecked(String conditions, @Nullable String problem) {
    ObjectNode object = request("{'conditions':[" + conditions + "]}");
    assertThat(said(strategy.validateStatusUpdate(object, request("{}"))))
        .isEqualTo(problem == null ? List.of() : List.of(problem));
  }

  @Test
  void aCertificateIsGivenOnceAndIsOne() {
    ObjectNode object = request("{'certificate':'eA=='}");
    assertThat(said(strategy.validateStatusUpdate(object, request("{}"))))
        .singleElement()
        .asString()
        .startsWith("status.certificate: Invalid value: `<certificate data>`: ");
    assertThat(said(strategy.validateStatusUpdate(object, request("{'certificate':'eQ=='}"))))
        .contains(
            "status.certificate: Forbidden: updates may not modify existing certificate content");
    assertThat(strategy.validateStatusUpdate(object, object)).isEmpty();
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
