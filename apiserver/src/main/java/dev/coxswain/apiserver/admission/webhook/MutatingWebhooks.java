package dev.coxswain.apiserver.admission.webhook;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.patch.JsonPatch;
import dev.coxswain.api.patch.PatchException;
import dev.coxswain.apiserver.admission.AdmissionPlugin;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.Reinvocation;
import dev.coxswain.apiserver.admission.Rewriting;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.trace.RequestTrace;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Lets the webhooks of MutatingWebhookConfigurations change objects, one after the other. */
final class MutatingWebhooks implements AdmissionPlugin {
  private final WebhookConfigurations configurations;
  private final Matching matching;
  private final Inquiry inquiry;

  MutatingWebhooks(WebhookConfigurations configurations, Matching matching, Inquiry inquiry) {
    this.configurations = configurations;
    this.matching = matching;
    this.inquiry = inquiry;
  }

  @Override
  public String name() {
    return "MutatingAdmissionWebhook";
  }

  @Override
  public Rewriting begin(AdmissionRequest request) {
    List<Webhook> webhooks = configurations.all();
    if (webhooks.isEmpty()) {
      return Rewriting.NONE;
    }
    return matching
        .subject(request)
        .<Rewriting>map(s -> new Pass(webhooks, s))
        .orElse(Rewriting.NONE);
  }

  /** The webhooks' part in one request. */
  private final class Pass implements Rewriting {
    private final List<Webhook> webhooks;
    private final Subject subject;

    private final Reinvocation<String> reinvocation = new Reinvocation<>();

    Pass(List<Webhook> webhooks, Subject subject) {
      this.webhooks = webhooks;
      this.subject = subject;
    }

    @Override
    public boolean run() {
      reinvocation.begin(current());
      boolean anyChange = false;
      for (Webhook webhook : webhooks) {
        Optional<ResourceType> form = matching.form(webhook, subject);
        if (form.isPresent() && reinvocation.due(webhook.id())) {
          boolean changed = call(webhook, form.get());
          reinvocation.seen(webhook.id(), changed, webhook.reinvocable());
          anyChange |= changed;
        }
      }
      reinvocation.end(current());
      return anyChange;
    }

    private JsonNode current() {
      ObjectNode object = subject.request().object();
      return object == null ? Json.object() : object;
    }

    private boolean call(Webhook webhook, ResourceType form) {
      byte[] patch =
          inquiry
              .ask(webhook, subject, form, true, RequestTrace.calls())
              .map(AdmissionReview.Verdict::patch)
              .orElseGet(() -> new byte[0]);
      if (patch.length == 0) {
        return false;
      }
      JsonNode operations = operations(patch);
      if (operations.isEmpty()) {
        return false;
      }
      ObjectNode object = subject.object(form);
      if (object == null) {
        throw Inquiry.internal(
            "admission webhook \""
                + webhook.name()
                + "\" attempted to modify the object, which is not supported for this operation");
      }
      return subject.replace(form, patched(object, operations));
    }

    private static JsonNode operations(byte[] patch) {
      try {
        return Json.parse(patch);
      } catch (JacksonException | IllegalArgumentException e) {
        throw Inquiry.internal(String.valueOf(e.getMessage()));
      }
    }

    private static ObjectNode patched(ObjectNode object, JsonNode operations) {
      try {
        if (JsonPatch.apply(object, operations) instanceof ObjectNode patched) {
          return patched;
        }
        throw Inquiry.internal("the patch makes something else of the object");
      } catch (PatchException e) {
        throw Inquiry.internal(String.valueOf(e.getMessage()));
      }
    }
  }
}
