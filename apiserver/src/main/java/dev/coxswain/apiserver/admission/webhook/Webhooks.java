package dev.coxswain.apiserver.admission.webhook;

import dev.coxswain.apiserver.admission.AdmissionPlugin;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.watch.ObjectView;
import dev.coxswain.apiserver.webhook.WebhookClient;
import dev.coxswain.runtime.time.Randomness;
import java.util.concurrent.ExecutorService;

/** The two plugins that ask webhooks. */
public final class Webhooks {
  private final ObjectView view;
  private final Matching matching;
  private final Inquiry inquiry;

  /**
   * Asks webhooks.
   *
   * @param view where their configurations are
   * @param objects where namespaces are looked up
   * @param conditions decides about their {@code matchConditions}
   */
  public Webhooks(
      ObjectView view,
      ResourceRegistry registry,
      ClusterObjects objects,
      WebhookClient client,
      MatchConditions conditions,
      Randomness randomness) {
    this.view = view;
    this.matching = new Matching(registry, objects);
    this.inquiry = new Inquiry(client, conditions, randomness);
  }

  /** Those that may change objects. */
  public AdmissionPlugin mutating() {
    return new MutatingWebhooks(
        new WebhookConfigurations(view, "mutatingwebhookconfigurations"), matching, inquiry);
  }

  /**
   * Those that may refuse them.
   *
   * @param threads where several are asked at once
   */
  public AdmissionPlugin validating(ExecutorService threads) {
    return new ValidatingWebhooks(
        new WebhookConfigurations(view, "validatingwebhookconfigurations"),
        matching,
        inquiry,
        threads);
  }
}
