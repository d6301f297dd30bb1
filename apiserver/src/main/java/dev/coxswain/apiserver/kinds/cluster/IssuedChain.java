package dev.coxswain.apiserver.kinds.cluster;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.runtime.tls.Pem;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is wrong with the certificates that a signer answers a PodCertificateRequest with. */
final class IssuedChain {
  private static final String CHAIN = "status.certificateChain";
  private static final int LARGEST = 100 * 1024;
  private static final Duration SHORTEST = Duration.ofHours(1);
  private static final Duration MARGIN = Duration.ofMinutes(10);

  private final JsonNode spec;
  private final JsonNode status;
  private final List<FieldError> errors;

  private IssuedChain(ObjectNode request, List<FieldError> errors) {
    this.spec = request.path("spec");
    this.status = request.path("status");
    this.errors = errors;
  }

  static void check(ObjectNode request, List<FieldError> errors) {
    new IssuedChain(request, errors).check();
  }

  private void check() {
    String chain = Json.text(status, "certificateChain");
    if (chain.length() > LARGEST) {
      errors.add(FieldError.tooLong(CHAIN, LARGEST));
      return;
    }
    X509Certificate leaf;
    try {
      leaf = Pem.certificates(chain.getBytes(StandardCharsets.UTF_8)).getFirst();
    } catch (IllegalArgumentException e) {
      errors.add(
          FieldError.invalid(
              CHAIN,
              chain,
              "issued certificate chain must contain at least one certificate, and only valid"
                  + " ones"));
      return;
    }
    if (!leaf.getPublicKey()
        .equals(PodCertificateRequestStrategy.requested(Json.text(spec, "stubPKCS10Request")))) {
      errors.add(
          FieldError.invalid(
              CHAIN, chain, "leaf certificate was not issued to the requested public key"));
      return;
    }
    lifetime(leaf);
    times(leaf);
  }

  private void lifetime(X509Certificate leaf) {
    Duration life =
        Duration.between(leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant());
    long longest = Json.number(spec, 0, "maxExpirationSeconds");
    if (life.compareTo(SHORTEST) < 0) {
      errors.add(
          FieldError.invalid(
              CHAIN, life.toString(), "leaf certificate lifetime must be >= 1 hour"));
    } else if (life.toSeconds() > longest) {
      errors.add(
          FieldError.invalid(
              CHAIN,
              life.toString(),
              "leaf certificate lifetime must be <= spec.maxExpirationSeconds (" + longest + ")"));
    }
  }

  private void times(X509Certificate leaf) {
    String consistent = "must be present and consistent with the issued certificate";
    Optional<Instant> notBefore = time("notBefore", consistent);
    Optional<Instant> notAfter = time("notAfter", consistent);
    Optional<Instant> refresh =
        time(
            "beginRefreshAt", "must be present and in the range [notbefore+10min, notafter-10min]");
    if (notBefore.isEmpty() || notAfter.isEmpty() || refresh.isEmpty()) {
      return;
    }
    equal("notBefore", "NotBefore", notBefore.get(), leaf.getNotBefore().toInstant());
    equal("notAfter", "NotAfter", notAfter.get(), leaf.getNotAfter().toInstant());
    if (refresh.get().isBefore(notBefore.get().plus(MARGIN))) {
      invalid("beginRefreshAt", "must be at least 10 minutes after status.notBefore");
    } else if (refresh.get().isAfter(notAfter.get().minus(MARGIN))) {
      invalid("beginRefreshAt", "must be at least 10 minutes before status.notAfter");
    }
  }

  private Optional<Instant> time(String field, String missing) {
    try {
      return Optional.of(OffsetDateTime.parse(Json.text(status, field)).toInstant());
    } catch (DateTimeException absent) {
      errors.add(FieldError.required("status." + field, missing));
      return Optional.empty();
    }
  }

  private void equal(String field, String name, Instant given, Instant certified) {
    if (!given.equals(certified)) {
      invalid(field, "must be set to the " + name + " time encoded in the leaf certificate");
    }
  }

  private void invalid(String field, String why) {
    errors.add(FieldError.invalid("status." + field, Json.text(status, field), why));
  }
}
