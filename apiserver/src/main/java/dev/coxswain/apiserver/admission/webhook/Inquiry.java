package dev.coxswain.apiserver.admission.webhook;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusCause;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.admission.webhook.MatchConditions.UnevaluatedException;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.trace.RequestTrace;
import dev.coxswain.apiserver.webhook.WebhookClient;
import dev.coxswain.apiserver.webhook.WebhookException;
import dev.coxswain.runtime.time.Randomness;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** Asks a webhook about a request, and says what its answer, or its silence, means. */
final class Inquiry {
  private static final Logger log = LoggerFactory.getLogger(Inquiry.class);

  private final WebhookClient client;
  private final MatchConditions conditions;
  private final Randomness randomness;

  Inquiry(WebhookClient client, MatchConditions conditions, Randomness randomness) {
    this.client = client;
    this.conditions = conditions;
    this.randomness = randomness;
  }

  /**
   * Asks.
   *
   * @param trace is told how long it took
   * @return what it said; empty where it was not to be asked, or its silence does not matter
   * @throws ApiException where the request is refused
   */
  Optional<AdmissionReview.Verdict> ask(
      Webhook webhook,
      Subject subject,
      ResourceType form,
      boolean mutating,
      RequestTrace.Calls trace) {
    String uid = randomness.uuid();
    ObjectNode request = subject.review(form, uid);
    if (!conditionsHold(webhook, subject, request)) {
      return Optional.empty();
    }
    if (subject.request().dryRun() && !webhook.dryRun()) {
      throw new ApiException(
          StatusReason.BAD_REQUEST,
          "admission webhook \"" + webhook.name() + "\" does not support dry run");
    }
    AdmissionReview.Verdict verdict;
    try (var _ = trace.begin("webhook " + webhook.name())) {
      ObjectNode answer = post(webhook, request);
      verdict = AdmissionReview.read(answer, webhook.reviewVersion(), uid, mutating);
    } catch (WebhookException e) {
      String failure = "failed calling webhook \"" + webhook.name() + "\": " + e.reason();
      if (webhook.failsClosed()) {
        throw internal(failure);
      }
      log.warn("{}; the request goes on without it", failure);
      return Optional.empty();
    }
    List<String> warnings = subject.request().warnings();
    synchronized (warnings) {
      warnings.addAll(verdict.warnings());
    }
    verdict
        .annotations()
        .forEach(
            (key, value) -> subject.request().annotations().put(webhook.name() + "/" + key, value));
    if (!verdict.allowed()) {
      throw AdmissionReview.denial(webhook.name(), verdict.status());
    }
    return Optional.of(verdict);
  }

  private ObjectNode post(Webhook webhook, ObjectNode request) throws WebhookException {
    try {
      return client.post(
          webhook.client(),
          AdmissionReview.of(webhook.reviewVersion(), request),
          webhook.timeout());
    } catch (WebhookException e) {
      throw new WebhookException("failed to call webhook: " + e.reason(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, "the server is shutting down");
    }
  }

  private boolean conditionsHold(Webhook webhook, Subject subject, ObjectNode request) {
    if (webhook.conditions().isEmpty()) {
      return true;
    }
    try {
      return conditions.hold(webhook.conditions(), request);
    } catch (UnevaluatedException e) {
      if (webhook.failsClosed()) {
        throw Failures.refused(
            subject.request().resource(), subject.request().name(), String.valueOf(e.getMessage()));
      }
      return false;
    }
  }

  /** The server's own failure, in upstream's form. */
  static ApiException internal(String message) {
    return new ApiException(
        new ApiStatus(
            StatusReason.INTERNAL_ERROR.code(),
            StatusReason.INTERNAL_ERROR,
            "Internal error occurred: " + message,
            new ApiStatus.Details("", "", "", "", List.of(new StatusCause("", message, "")), 0)));
  }
}
