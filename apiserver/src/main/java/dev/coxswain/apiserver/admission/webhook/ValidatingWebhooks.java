package dev.coxswain.apiserver.admission.webhook;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.admission.AdmissionPlugin;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.trace.RequestTrace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Asks the webhooks of ValidatingWebhookConfigurations, all at once: each of them may refuse. */
final class ValidatingWebhooks implements AdmissionPlugin {
  private final WebhookConfigurations configurations;
  private final Matching matching;
  private final Inquiry inquiry;
  private final ExecutorService threads;

  ValidatingWebhooks(
      WebhookConfigurations configurations,
      Matching matching,
      Inquiry inquiry,
      ExecutorService threads) {
    this.configurations = configurations;
    this.matching = matching;
    this.inquiry = inquiry;
    this.threads = threads;
  }

  @Override
  public String name() {
    return "ValidatingAdmissionWebhook";
  }

  @Override
  public void validate(AdmissionRequest request) {
    List<Webhook> webhooks = configurations.all();
    if (!webhooks.isEmpty()) {
      matching.subject(request).ifPresent(subject -> ask(webhooks, subject));
    }
  }

  private void ask(List<Webhook> webhooks, Subject subject) {
    // Those that are asked on other threads are told to the request's own.
    RequestTrace.Calls trace = RequestTrace.calls();
    List<Callable<Boolean>> calls = new ArrayList<>();
    for (Webhook webhook : webhooks) {
      Optional<ResourceType> form = matching.form(webhook, subject);
      form.ifPresent(version ->
          calls.add(() -> inquiry.ask(webhook, subject, version, false, trace).isPresent()));
    }
    try {
      if (calls.size() == 1) {
        calls.getFirst().call();
        return;
      }
      for (Future<Boolean> asked : threads.invokeAll(calls)) {
        asked.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ApiException refusal
          ? refusal
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, "the server is shutting down");
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
