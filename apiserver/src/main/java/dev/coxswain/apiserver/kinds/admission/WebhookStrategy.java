package dev.coxswain.apiserver.kinds.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of MutatingWebhookConfiguration and ValidatingWebhookConfiguration. */
public final class WebhookStrategy extends StandardStrategy {
  private static final int TIMEOUT_SECONDS = 10;
  private static final int HTTPS = 443;

  private final boolean mutating;

  /**
   * Rules for one of the two kinds.
   *
   * @param mutating which of them
   */
  public WebhookStrategy(Schema schema, boolean mutating) {
    super(schema, false, true);
    this.mutating = mutating;
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    for (JsonNode one : object.path("webhooks")) {
      if (one instanceof ObjectNode webhook) {
        fill(webhook);
      }
    }
  }

  private void fill(ObjectNode webhook) {
    Defaults.text(webhook, "failurePolicy", "Fail");
    Defaults.text(webhook, "matchPolicy", "Equivalent");
    Defaults.object(webhook, "namespaceSelector");
    Defaults.object(webhook, "objectSelector");
    Defaults.number(webhook, "timeoutSeconds", TIMEOUT_SECONDS);
    if (mutating) {
      Defaults.text(webhook, "reinvocationPolicy", "Never");
    }
    ObjectNode service = Json.objectAt(webhook, "clientConfig", "service");
    if (service != null) {
      Defaults.number(service, "port", HTTPS);
    }
    for (JsonNode rule : webhook.path("rules")) {
      if (rule instanceof ObjectNode given) {
        Defaults.text(given, "scope", "*");
      }
    }
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    WebhookRules.check(object.path("webhooks"), mutating, errors);
  }
}
