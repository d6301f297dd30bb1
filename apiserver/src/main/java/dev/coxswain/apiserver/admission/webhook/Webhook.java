package dev.coxswain.apiserver.admission.webhook;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.webhook.ClientConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One webhook of a configuration.
 *
 * @param id unlike any other's
 * @param name as messages tell it
 * @param client where it is
 * @param criteria the requests it is asked about
 * @param conditions the {@code matchConditions}
 * @param failsClosed whether a request is refused that it could not be asked about
 * @param timeout how long it may take
 * @param reviewVersion the version of AdmissionReview that it is sent
 * @param dryRun whether it may be asked about a request that changes nothing
 * @param reinvocable whether it wants to see what others changed after it
 */
record Webhook(
    String id,
    String name,
    ClientConfig client,
    Criteria criteria,
    JsonNode conditions,
    boolean failsClosed,
    Duration timeout,
    String reviewVersion,
    boolean dryRun,
    boolean reinvocable) {

  private static final int TIMEOUT_SECONDS = 10;

  /** The webhooks of a configuration, which has been validated, in its order. */
  static List<Webhook> of(ObjectNode configuration) {
    List<Webhook> webhooks = new ArrayList<>();
    String name = Json.text(configuration, "metadata", "name");
    for (JsonNode webhook : configuration.path("webhooks")) {
      webhooks.add(of(name + "/" + webhooks.size(), webhook));
    }
    return webhooks;
  }

  private static Webhook of(String id, JsonNode webhook) {
    String effects = Json.text(webhook, "sideEffects");
    return new Webhook(
        id,
        Json.text(webhook, "name"),
        ClientConfig.of(webhook.path("clientConfig")),
        Criteria.of(webhook, "rules"),
        webhook.path("matchConditions"),
        !Json.text(webhook, "failurePolicy").equals("Ignore"),
        Duration.ofSeconds(Json.number(webhook, TIMEOUT_SECONDS, "timeoutSeconds")),
        reviewVersion(webhook.path("admissionReviewVersions")),
        effects.equals("None") || effects.equals("NoneOnDryRun"),
        Json.text(webhook, "reinvocationPolicy").equals("IfNeeded"));
  }

  /** The first that this server knows, too. */
  private static String reviewVersion(JsonNode versions) {
    for (JsonNode version : versions) {
      if (AdmissionReview.VERSIONS.contains(version.asString(""))) {
        return version.asString();
      }
    }
    return AdmissionReview.VERSIONS.getFirst();
  }
}
