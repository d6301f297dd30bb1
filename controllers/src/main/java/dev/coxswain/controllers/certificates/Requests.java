package dev.coxswain.controllers.certificates;

import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestCondition;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestConditionBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What stands on a request. */
final class Requests {
  private Requests() {}

  static Optional<CertificateSigningRequestCondition> condition(
      CertificateSigningRequest request, String type) {
    return conditions(request).stream()
        .filter(condition -> type.equals(condition.getType()))
        .findFirst();
  }

  static boolean has(CertificateSigningRequest request, String type) {
    return condition(request, type).isPresent();
  }

  static boolean decided(CertificateSigningRequest request) {
    return has(request, "Approved") || has(request, "Denied");
  }

  /** The certificate as it was issued, in base64; empty where there is none. */
  static String issued(CertificateSigningRequest request) {
    return request.getStatus() == null ? "" : Meta.text(request.getStatus().getCertificate());
  }

  /** The conditions and one more. */
  static List<CertificateSigningRequestCondition> with(
      CertificateSigningRequest request, String type, String reason, String message, Instant now) {
    var conditions = new ArrayList<>(conditions(request));
    conditions.add(
        new CertificateSigningRequestConditionBuilder()
            .withType(type)
            .withStatus("True")
            .withReason(reason)
            .withMessage(message)
            .withLastUpdateTime(Meta.timestamp(now))
            .withLastTransitionTime(Meta.timestamp(now))
            .build());
    return conditions;
  }

  private static List<CertificateSigningRequestCondition> conditions(
      CertificateSigningRequest request) {
    return request.getStatus() == null ? List.of() : Meta.list(request.getStatus().getConditions());
  }
}
