package dev.coxswain.controllers.certificates;

import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Signs what was approved, by the rules of the signer that was asked. */
public final class CertificateSigningController implements Reconciler<CertificateSigningRequest> {
  /** What a request gets at least, as upstream's rule has it. */
  private static final Duration SHORTEST = Duration.ofMinutes(10);

  private static final Duration UNLIMITED = Duration.ofDays(36_500);

  private final ClusterAuthority authority;

  public CertificateSigningController(ClusterAuthority authority) {
    this.authority = authority;
  }

  @Override
  public String name() {
    return "certificatesigningrequest-signing-controller";
  }

  @Override
  public Watches<CertificateSigningRequest> watches() {
    return Watches.of(CertificateSigningRequest.class);
  }

  @Override
  public Outcome reconcile(CertificateSigningRequest wanted, View view, Actions act) {
    Optional<Signer> signer = Signer.named(Meta.text(wanted.getSpec().getSignerName()));
    if (signer.isEmpty()
        || !Requests.has(wanted, "Approved")
        || Requests.has(wanted, "Denied")
        || Requests.has(wanted, "Failed")
        || !Requests.issued(wanted).isEmpty()) {
      return Outcome.done();
    }
    Set<String> usages = Set.copyOf(Meta.list(wanted.getSpec().getUsages()));
    var answer = new CertificateSigningRequestBuilder(wanted).editOrNewStatus();
    try {
      Requested requested = Requested.parse(Meta.text(wanted.getSpec().getRequest()));
      signer.get().check(requested, usages);
      answer.withCertificate(
          ClusterAuthority.encode(authority.sign(requested, usages, duration(wanted), view.now())));
    } catch (Refused refused) {
      answer.withConditions(
          Requests.with(
              wanted,
              "Failed",
              "SignerValidationFailure",
              Meta.text(refused.getMessage()),
              view.now()));
    }
    act.updateStatus(answer.endStatus().build());
    return Outcome.done();
  }

  private static Duration duration(CertificateSigningRequest wanted) {
    Integer seconds = wanted.getSpec().getExpirationSeconds();
    if (seconds == null) {
      return UNLIMITED;
    }
    Duration asked = Duration.ofSeconds(seconds);
    return asked.compareTo(SHORTEST) < 0 ? SHORTEST : asked;
  }
}
