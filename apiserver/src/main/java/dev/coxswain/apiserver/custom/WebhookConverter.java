package dev.coxswain.apiserver.custom;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.trace.RequestTrace;
import dev.coxswain.apiserver.trace.Stage;
import dev.coxswain.apiserver.webhook.ClientConfig;
import dev.coxswain.apiserver.webhook.WebhookClient;
import dev.coxswain.apiserver.webhook.WebhookException;
import dev.coxswain.runtime.time.Randomness;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The strategy Webhook: another server converts. Of the metadata it may change labels and
 * annotations alone.
 *
 * @param client asks it
 * @param config where it is
 * @param version the version of ConversionReview that it is sent
 * @param randomness makes the reviews' uids
 */
record WebhookConverter(
    WebhookClient client, ClientConfig config, String version, Randomness randomness)
    implements VersionConverter {
  /** The versions of the review, the preferred one first. */
  static final List<String> VERSIONS = List.of("v1", "v1beta1");

  private static final String GROUP = "apiextensions.k8s.io/";
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** Most objects in one review. */
  private static final int BATCH = 500;

  /** What conversion must leave alone. */
  private static final List<String> IDENTITY = List.of("name", "namespace", "uid");

  @Override
  public boolean asks() {
    return true;
  }

  @Override
  public void convert(List<ObjectNode> objects, GroupVersionKind wanted) {
    for (int from = 0; from < objects.size(); from += BATCH) {
      batch(objects.subList(from, Math.min(from + BATCH, objects.size())), wanted);
    }
  }

  private void batch(List<ObjectNode> objects, GroupVersionKind wanted) {
    ObjectNode first = objects.getFirst();
    String head =
        "conversion webhook for "
            + Json.text(first, "apiVersion")
            + ", Kind="
            + Json.text(first, "kind");
    JsonNode converted;
    try {
      converted = ask(objects, wanted);
    } catch (WebhookException e) {
      throw failure(head + " failed: " + e.reason());
    }
    if (converted.size() != objects.size()) {
      throw failure(
          head + " returned " + converted.size() + " objects, expected " + objects.size());
    }
    for (int i = 0; i < objects.size(); i++) {
      try {
        take(objects.get(i), converted.get(i), wanted);
      } catch (WebhookException e) {
        throw failure(
            head + " returned invalid converted object at index " + i + ": " + e.reason());
      }
    }
  }

  private static ApiException failure(String message) {
    return new ApiException(
        new ApiStatus(
            StatusReason.INTERNAL_ERROR.code(),
            StatusReason.UNKNOWN,
            message,
            ApiStatus.Details.NONE));
  }

  private JsonNode ask(List<ObjectNode> objects, GroupVersionKind wanted) throws WebhookException {
    String uid = randomness.uuid();
    ObjectNode review = Json.object();
    review.put("kind", "ConversionReview");
    review.put("apiVersion", GROUP + version);
    ObjectNode request = review.putObject("request");
    request.put("uid", uid);
    request.put("desiredAPIVersion", wanted.apiVersion());
    ArrayNode list = request.putArray("objects");
    objects.forEach(list::add);
    ObjectNode answer;
    try (var _ = RequestTrace.enter(Stage.CONVERSION)) {
      answer = client.postMany(config, review, TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, "the server is shutting down");
    }
    return converted(answer, uid);
  }

  private JsonNode converted(ObjectNode answer, String uid) throws WebhookException {
    JsonNode response = answer.path("response");
    boolean strict = version.equals("v1");
    String apiVersion = Json.text(answer, "apiVersion");
    String kind = Json.text(answer, "kind");
    if (strict && !(apiVersion.equals(GROUP + version) && kind.equals("ConversionReview"))) {
      throw new WebhookException(
          "expected webhook response of "
              + GROUP
              + version
              + ", Kind=ConversionReview, got "
              + (apiVersion.contains("/") ? "" : "/")
              + apiVersion
              + ", Kind="
              + kind);
    }
    if (!response.isObject()) {
      throw new WebhookException("no response provided");
    }
    String given = Json.text(response, "uid");
    if (strict && !given.equals(uid)) {
      throw new WebhookException("expected response.uid=\"" + uid + "\", got \"" + given + "\"");
    }
    String status = Json.text(response, "result", "status");
    if (!status.equals("Success")) {
      String message = Json.text(response, "result", "message");
      throw new WebhookException(
          message.isEmpty()
              ? "response.result.status was '" + status + "', not 'Success'"
              : message);
    }
    return response.path("convertedObjects");
  }

  private static void take(ObjectNode object, JsonNode converted, GroupVersionKind wanted)
      throws WebhookException {
    if (!(converted instanceof ObjectNode made)) {
      throw new WebhookException("it is no object");
    }
    String apiVersion = Json.text(made, "apiVersion");
    if (!apiVersion.equals(wanted.apiVersion())) {
      throw new WebhookException(
          "invalid groupVersion (expected "
              + wanted.apiVersion()
              + ", received "
              + apiVersion
              + ")");
    }
    same("kind", Json.text(made, "kind"), Json.text(object, "kind"));
    for (String field : IDENTITY) {
      same(
          field.equals("uid") ? "UID" : field,
          Json.text(made, "metadata", field),
          Json.text(object, "metadata", field));
    }
    ObjectNode metadata = Json.ensureObject(object, "metadata").deepCopy();
    for (String field : List.of("labels", "annotations")) {
      texts(metadata, field, Json.at(made, "metadata", field));
    }
    object.removeAll();
    object.setAll(made);
    object.set("metadata", metadata);
  }

  private static void same(String what, String made, String given) throws WebhookException {
    if (!made.equals(given)) {
      throw new WebhookException("must have the same " + what + ": " + made + " != " + given);
    }
  }

  private static void texts(ObjectNode metadata, String field, JsonNode made)
      throws WebhookException {
    for (Map.Entry<String, JsonNode> entry : made.properties()) {
      if (!entry.getValue().isString()) {
        throw new WebhookException("metadata." + field + ": must be a map of texts");
      }
    }
    if (made.isEmpty()) {
      metadata.remove(field);
    } else {
      metadata.set(field, made);
    }
  }
}
