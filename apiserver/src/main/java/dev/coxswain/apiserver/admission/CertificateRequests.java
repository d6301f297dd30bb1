package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.authn.CertificateAuthenticator;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.InvalidObject;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.runtime.tls.SignedRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who asks for a certificate is written down by the server, and nobody decides about a request, or
 * signs it, whom its signer does not allow that; nor is a certificate asked for that would be above
 * all rules.
 */
public final class CertificateRequests implements AdmissionPlugin {
  private static final GroupResource REQUESTS =
      new GroupResource("certificates.k8s.io", "certificatesigningrequests");

  private static final GroupResource POD_REQUESTS =
      new GroupResource("certificates.k8s.io", "podcertificaterequests");

  /** The signer of whose certificates the API server takes clients' names. */
  private static final String CLIENT_SIGNER = "kubernetes.io/kube-apiserver-client";

  /** How far the beginning of a new certificate may lie from now: upstream's tolerance. */
  private static final Duration TOLERANCE = Duration.ofMinutes(5);

  private final Authorizer authorizer;
  private final Time time;

  /** Asks this authorizer who may do what for which signer. */
  public CertificateRequests(Authorizer authorizer, Time time) {
    this.authorizer = authorizer;
    this.time = time;
  }

  @Override
  public String name() {
    return "CertificateApproval";
  }

  @Override
  public void mutate(AdmissionRequest request) {
    ObjectNode object = request.object();
    if (object == null || !request.resource().equals(REQUESTS)) {
      return;
    }
    if (request.oldObject() == null) {
      requestor(Json.ensureObject(object, "spec"), request.user());
    } else {
      stamp(object);
    }
  }

  /** What the client says of itself does not count. */
  private static void requestor(ObjectNode spec, UserInfo user) {
    for (String field : List.of("username", "uid", "groups", "extra")) {
      spec.remove(field);
    }
    spec.put("username", user.name());
    if (!user.uid().isEmpty()) {
      spec.put("uid", user.uid());
    }
    var groups = spec.putArray("groups");
    user.groups().forEach(groups::add);
    if (!user.extra().isEmpty()) {
      ObjectNode extra = spec.putObject("extra");
      user.extra()
          .forEach((name, values) -> {
            var list = extra.putArray(name);
            values.forEach(list::add);
          });
    }
  }

  /** Conditions that say nothing of their time are of now. */
  private void stamp(ObjectNode object) {
    String now = time.now().truncatedTo(ChronoUnit.SECONDS).toString();
    for (JsonNode condition : Json.at(object, "status", "conditions")) {
      if (condition instanceof ObjectNode fields) {
        for (String field : List.of("lastUpdateTime", "lastTransitionTime")) {
          if (Json.text(fields, field).isEmpty()) {
            fields.put(field, now);
          }
        }
      }
    }
  }

  @Override
  public void validate(AdmissionRequest request) {
    ObjectNode object = request.object();
    ObjectNode old = request.oldObject();
    if (object == null) {
      return;
    }
    if (old == null) {
      if (request.resource().equals(REQUESTS)) {
        restrictSubject(request, object);
      }
      return;
    }
    String signer = Json.text(old, "spec", "signerName");
    if (request.resource().equals(POD_REQUESTS)) {
      if (request.subresource().equals("status")) {
        podRequest(request, object, old, signer);
      }
      return;
    }
    if (!request.resource().equals(REQUESTS)) {
      return;
    }
    switch (request.subresource()) {
      case "approval" -> require(request, "approve", signer);
      case "status" -> {
        if (!Json.same(object.path("status"), old.path("status"))) {
          require(request, "sign", signer);
        }
      }
      default -> {}
    }
  }

  /** Nobody gets a certificate from this cluster that is above all its rules: upstream's rule. */
  private static void restrictSubject(AdmissionRequest request, ObjectNode object) {
    if (!Json.text(object, "spec", "signerName").equals(CLIENT_SIGNER)) {
      return;
    }
    Optional<UserInfo> asked = subject(request, object);
    if (asked.filter(user -> user.in(UserInfo.MASTERS)).isPresent()) {
      throw Failures.refused(
          request.resource(),
          request.name(),
          "use of " + CLIENT_SIGNER + " signer with " + UserInfo.MASTERS + " group is not allowed");
    }
  }

  /**
   * Whom a request is for; empty where it does not say.
   *
   * @throws dev.coxswain.api.status.ApiException where it cannot be read
   */
  static Optional<UserInfo> subject(AdmissionRequest request, ObjectNode object) {
    try {
      return asked(Json.text(object, "spec", "request"));
    } catch (IllegalArgumentException unreadable) {
      throw Failures.refused(
          request.resource(), request.name(), "unable to parse csr: " + unreadable.getMessage());
    }
  }

  /** Reads it as the signing controller does, so that the two cannot differ. */
  private static Optional<UserInfo> asked(String encoded) {
    String pem = new String(Base64.getDecoder().decode(encoded), StandardCharsets.US_ASCII);
    String body = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
    SignedRequest request = SignedRequest.parse(Base64.getDecoder().decode(body));
    return CertificateAuthenticator.subject(request.subject().getName());
  }

  private void podRequest(
      AdmissionRequest request, ObjectNode object, ObjectNode old, String signer) {
    if (Json.same(object.path("status"), old.path("status"))) {
      return;
    }
    String begins = Json.text(object, "status", "notBefore");
    if (!begins.isEmpty() && Json.text(old, "status", "notBefore").isEmpty()) {
      Duration apart = Duration.between(OffsetDateTime.parse(begins).toInstant(), time.now()).abs();
      if (apart.compareTo(TOLERANCE) > 0) {
        refuse(
            request,
            FieldError.invalid(
                "status.notBefore",
                begins,
                "must be set to within 5 minutes of kube-apiserver's current time"));
      }
    }
    if (!mayFor(request.user(), "sign", signer)) {
      refuse(
          request,
          FieldError.forbidden(
              "spec.signerName",
              "User \""
                  + request.user().name()
                  + "\" is not permitted to \"sign\" for signer \""
                  + signer
                  + "\""));
    }
  }

  private static void refuse(AdmissionRequest request, FieldError error) {
    InvalidObject.throwIfAny(request.kind(), request.name(), List.of(error));
  }

  private void require(AdmissionRequest request, String verb, String signer) {
    if (!mayFor(request.user(), verb, signer)) {
      throw Failures.refused(
          request.resource(),
          request.name(),
          "user not permitted to " + verb + " requests with signerName \"" + signer + "\"");
    }
  }

  /** Whether somebody may for this signer, or for all of its domain. */
  private boolean mayFor(UserInfo user, String verb, String signer) {
    int slash = Math.max(0, signer.indexOf('/'));
    return may(user, verb, signer) || may(user, verb, signer.substring(0, slash) + "/*");
  }

  private boolean may(UserInfo user, String verb, String signer) {
    Attributes attributes =
        new Attributes(user, verb, true, REQUESTS.group(), "v1", "signers", "", "", signer, "");
    return authorizer.authorize(attributes) instanceof Decision.Allow;
  }
}
