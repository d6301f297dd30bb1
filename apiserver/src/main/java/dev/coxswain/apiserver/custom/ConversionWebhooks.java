package dev.coxswain.apiserver.custom;

import dev.coxswain.apiserver.webhook.ClientConfig;
import dev.coxswain.apiserver.webhook.WebhookClient;
import dev.coxswain.runtime.time.Randomness;
import tools.jackson.databind.JsonNode;

/** Makes converters that ask webhooks. */
public final class ConversionWebhooks {
  private final WebhookClient client;
  private final Randomness randomness;

  /** Converters that ask through this client. */
  public ConversionWebhooks(WebhookClient client, Randomness randomness) {
    this.client = client;
    this.randomness = randomness;
  }

  /** The converter of a definition's {@code conversion.webhook}. */
  VersionConverter of(JsonNode webhook) {
    return new WebhookConverter(
        client,
        ClientConfig.of(webhook.path("clientConfig")),
        version(webhook.path("conversionReviewVersions")),
        randomness);
  }

  /** The first version of the review that this server knows, too. */
  private static String version(JsonNode versions) {
    for (JsonNode version : versions) {
      if (WebhookConverter.VERSIONS.contains(version.asString(""))) {
        return version.asString();
      }
    }
    return WebhookConverter.VERSIONS.getFirst();
  }
}
