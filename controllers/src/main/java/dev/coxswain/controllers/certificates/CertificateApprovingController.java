package dev.coxswain.controllers.certificates;

import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.ApiClient;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import java.time.Duration;
import java.util.Set;

/**
 * Approves the client certificates of kubelets: of a node that renews its own, and of one that
 * joins, where who asks may have that done. All else a person approves.
 */
public final class CertificateApprovingController implements Reconciler<CertificateSigningRequest> {
  /** Who may not have it now may be allowed to later, and nothing would tell of that. */
  private static final Duration ASK_AGAIN = Duration.ofMinutes(1);

  private final Permissions permissions;

  /** Answers whether somebody may have a certificate approved by itself. */
  @FunctionalInterface
  interface Permissions {
    /** Whether who made the request may create it with this subresource. */
    boolean allow(CertificateSigningRequest request, String subresource);
  }

  public CertificateApprovingController(ApiClient api) {
    this((request, subresource) -> ask(api, request, subresource));
  }

  CertificateApprovingController(Permissions permissions) {
    this.permissions = permissions;
  }

  private static boolean ask(ApiClient api, CertificateSigningRequest request, String subresource) {
    SubjectAccessReview answer =
        api.resource(SubjectAccessReview.class)
            .create(
                new SubjectAccessReviewBuilder()
                    .withNewMetadata()
                    .endMetadata()
                    .withNewSpec()
                    .withUser(request.getSpec().getUsername())
                    .withUid(request.getSpec().getUid())
                    .withGroups(request.getSpec().getGroups())
                    .withNewResourceAttributes()
                    .withGroup("certificates.k8s.io")
                    .withResource("certificatesigningrequests")
                    .withVerb("create")
                    .withSubresource(subresource)
                    .endResourceAttributes()
                    .endSpec()
                    .build());
    return answer.getStatus() != null && Boolean.TRUE.equals(answer.getStatus().getAllowed());
  }

  @Override
  public String name() {
    return "certificatesigningrequest-approving-controller";
  }

  @Override
  public Watches<CertificateSigningRequest> watches() {
    return Watches.of(CertificateSigningRequest.class);
  }

  @Override
  public Outcome reconcile(CertificateSigningRequest wanted, View view, Actions act) {
    if (Requests.decided(wanted)
        || !Requests.issued(wanted).isEmpty()
        || Signer.named(Meta.text(wanted.getSpec().getSignerName()))
            .filter(signer -> signer == Signer.KUBELET_CLIENT)
            .isEmpty()) {
      return Outcome.done();
    }
    Requested requested;
    try {
      requested = Requested.parse(Meta.text(wanted.getSpec().getRequest()));
      Signer.KUBELET_CLIENT.check(requested, Set.copyOf(Meta.list(wanted.getSpec().getUsages())));
    } catch (Refused refused) {
      return Outcome.done();
    }
    boolean own = requested.commonName().equals(wanted.getSpec().getUsername());
    if (own && permissions.allow(wanted, "selfnodeclient")) {
      approve(
          wanted,
          "Auto approving self kubelet client certificate after SubjectAccessReview.",
          view,
          act);
    } else if (permissions.allow(wanted, "nodeclient")) {
      approve(
          wanted,
          "Auto approving kubelet client certificate after SubjectAccessReview.",
          view,
          act);
    } else {
      return Outcome.again(ASK_AGAIN);
    }
    return Outcome.done();
  }

  private static void approve(
      CertificateSigningRequest wanted, String message, View view, Actions act) {
    act.put(
        new CertificateSigningRequestBuilder(wanted)
            .editOrNewStatus()
            .withConditions(Requests.with(wanted, "Approved", "AutoApproved", message, view.now()))
            .endStatus()
            .build(),
        "approval");
  }
}
