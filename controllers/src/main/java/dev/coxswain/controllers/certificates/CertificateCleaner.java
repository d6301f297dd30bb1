package dev.coxswain.controllers.certificates;

import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import java.time.Duration;
import java.time.Instant;

/** Deletes requests that nobody needs any more: an hour after they ended, a day without answer. */
public final class CertificateCleaner implements Reconciler<CertificateSigningRequest> {
  private static final Duration ENDED = Duration.ofHours(1);
  private static final Duration UNANSWERED = Duration.ofHours(24);

  @Override
  public String name() {
    return "certificatesigningrequest-cleaner-controller";
  }

  @Override
  public Watches<CertificateSigningRequest> watches() {
    return Watches.of(CertificateSigningRequest.class);
  }

  @Override
  public Outcome reconcile(CertificateSigningRequest wanted, View view, Actions act) {
    if (Meta.deleting(wanted)) {
      return Outcome.done();
    }
    Duration left = Duration.between(view.now(), end(wanted));
    if (left.isPositive()) {
      return Outcome.again(left);
    }
    act.delete(wanted);
    return Outcome.done();
  }

  private static Instant end(CertificateSigningRequest request) {
    for (String type : java.util.List.of("Denied", "Failed", "Approved")) {
      var condition = Requests.condition(request, type);
      boolean ended = !type.equals("Approved") || !Requests.issued(request).isEmpty();
      if (condition.isPresent() && ended) {
        return Meta.time(condition.get().getLastUpdateTime())
            .orElse(Meta.created(request))
            .plus(ENDED);
      }
    }
    return Meta.created(request).plus(UNANSWERED);
  }
}
