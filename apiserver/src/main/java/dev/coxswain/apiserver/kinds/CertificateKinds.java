package dev.coxswain.apiserver.kinds;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.cluster.CertificateRequestStrategy;
import dev.coxswain.apiserver.kinds.cluster.PodCertificateRequestStrategy;
import dev.coxswain.apiserver.kinds.common.ConditionRules;
import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.SelectableFields;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.registry.Verb;
import dev.coxswain.apiserver.table.Ages;
import dev.coxswain.apiserver.table.Columns;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** Requests for certificates. */
final class CertificateKinds {
  private CertificateKinds() {}

  private static String duration(ObjectNode request) {
    var seconds = Json.at(request, "spec", "expirationSeconds");
    return seconds.isNumber()
        ? Ages.text(Duration.ofSeconds(seconds.asLong()))
        : Columns.orNone("");
  }

  private static String condition(ObjectNode request) {
    String text = "";
    for (var condition : request.path("status").path("conditions")) {
      String type = Json.text(condition, "type");
      text = text.isEmpty() ? type : text + "," + type;
    }
    if (text.isEmpty()) {
      return "Pending";
    }
    return Json.text(request, "status", "certificate").isEmpty() ? text : text + ",Issued";
  }

  private static String state(ObjectNode request) {
    return Stream.of("Issued", "Denied", "Failed")
        .filter(end -> ConditionRules.holds(request, end))
        .findFirst()
        .orElse("Pending");
  }

  static List<ResourceType> types(Kinds kinds) {
    Schema schema = kinds.schema("CertificateSigningRequest");
    CertificateRequestStrategy strategy = new CertificateRequestStrategy(schema);
    return List.of(
        kinds
            .declare("CertificateSigningRequest", strategy)
            .clusterScoped()
            .shortNames("csr")
            .selectableFields(SelectableFields.and("spec.signerName"))
            .columns(
                Columns.named(
                    Columns.age(),
                    Columns.text(
                        "SignerName", "Who signs.", c -> Json.text(c, "spec", "signerName")),
                    Columns.text("Requestor", "Who asks.", c -> Json.text(c, "spec", "username")),
                    Columns.text("RequestedDuration", "For how long.", CertificateKinds::duration),
                    Columns.text("Condition", "What became of it.", CertificateKinds::condition)))
            .status()
            .subresources(
                new Subresource.Edit(
                    "approval",
                    EnumSet.of(Verb.GET, Verb.PATCH, Verb.UPDATE),
                    strategy.approval(schema)))
            .build(),
        kinds
            .declare(
                "PodCertificateRequest",
                new PodCertificateRequestStrategy(kinds.schema("PodCertificateRequest")))
            .selectableFields(
                SelectableFields.and("spec.signerName", "spec.podName", "spec.nodeName"))
            .columns(
                Columns.named(
                    Columns.text("PodName", "Which pod.", c -> Json.text(c, "spec", "podName")),
                    Columns.text(
                        "ServiceAccountName",
                        "As whom it runs.",
                        c -> Json.text(c, "spec", "serviceAccountName")),
                    Columns.text("NodeName", "Where.", c -> Json.text(c, "spec", "nodeName")),
                    Columns.text(
                        "SignerName", "Who signs.", c -> Json.text(c, "spec", "signerName")),
                    Columns.text("State", "What became of it.", CertificateKinds::state),
                    Columns.age()))
            .status()
            .build());
  }
}
