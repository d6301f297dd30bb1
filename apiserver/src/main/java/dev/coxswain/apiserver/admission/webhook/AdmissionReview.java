package dev.coxswain.apiserver.admission.webhook;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusCause;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.webhook.WebhookException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The question to a webhook, and its answer. */
final class AdmissionReview {
  /** The versions of the review, the preferred one first. */
  static final List<String> VERSIONS = List.of("v1", "v1beta1");

  private static final String GROUP = "admission.k8s.io/";

  /** Most warnings that are taken from one answer. */
  private static final int MAXIMUM_WARNINGS = 32;

  private AdmissionReview() {}

  /** The review of a request. */
  static ObjectNode of(String version, ObjectNode request) {
    ObjectNode review = Json.object();
    review.put("kind", "AdmissionReview");
    review.put("apiVersion", GROUP + version);
    review.set("request", request);
    return review;
  }

  /**
   * What a webhook said.
   *
   * @param allowed whether the request may go on
   * @param status why not; missing where nothing is said
   * @param patch the JSON patch; empty for none
   * @param warnings what the client is to be told
   * @param annotations what is said to who reads the audit log, by key
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  record Verdict(
      boolean allowed,
      JsonNode status,
      byte[] patch,
      List<String> warnings,
      Map<String, String> annotations) {}

  /**
   * Reads the answer.
   *
   * @throws WebhookException where it is none
   */
  static Verdict read(ObjectNode answer, String version, String uid, boolean mutating)
      throws WebhookException {
    JsonNode response = answer.path("response");
    boolean strict = version.equals("v1");
    if (strict) {
      String apiVersion = Json.text(answer, "apiVersion");
      String kind = Json.text(answer, "kind");
      if (!apiVersion.equals(GROUP + version) || !kind.equals("AdmissionReview")) {
        throw new WebhookException(
            "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got "
                + (apiVersion.contains("/") ? "" : "/")
                + apiVersion
                + ", Kind="
                + kind);
      }
    }
    if (!response.isObject()) {
      throw new WebhookException("webhook response was absent");
    }
    if (strict && !Json.text(response, "uid").equals(uid)) {
      throw new WebhookException(
          "expected response.uid=\"" + uid + "\", got \"" + Json.text(response, "uid") + "\"");
    }
    return new Verdict(
        Json.flag(response, "allowed"),
        response.path("status"),
        patch(response, strict, mutating),
        warnings(response.path("warnings")),
        annotations(response.path("auditAnnotations")));
  }

  private static Map<String, String> annotations(JsonNode given) {
    Map<String, String> annotations = new LinkedHashMap<>();
    given.properties().forEach(one -> annotations.put(one.getKey(), one.getValue().asString("")));
    return annotations;
  }

  private static byte[] patch(JsonNode response, boolean strict, boolean mutating)
      throws WebhookException {
    String encoded = Json.text(response, "patch");
    String type = Json.text(response, "patchType");
    if (strict && !mutating) {
      if (!encoded.isEmpty()) {
        throw new WebhookException("validating webhook may not return response.patch");
      }
      if (!type.isEmpty()) {
        throw new WebhookException("validating webhook may not return response.patchType");
      }
    }
    if (!mutating || (encoded.isEmpty() && type.isEmpty())) {
      return new byte[0];
    }
    if (strict && type.isEmpty()) {
      throw new WebhookException("webhook returned response.patch but not response.patchType");
    }
    if (strict && encoded.isEmpty()) {
      throw new WebhookException("webhook returned response.patchType but not response.patch");
    }
    if (!type.isEmpty() && !type.equals("JSONPatch")) {
      throw new WebhookException("webhook returned invalid response.patchType of \"" + type + "\"");
    }
    try {
      return Base64.getDecoder().decode(encoded.getBytes(StandardCharsets.US_ASCII));
    } catch (IllegalArgumentException e) {
      throw new WebhookException("illegal base64 data in response.patch", e);
    }
  }

  private static List<String> warnings(JsonNode list) {
    List<String> warnings = new ArrayList<>();
    for (JsonNode warning : list) {
      if (warnings.size() < MAXIMUM_WARNINGS) {
        warnings.add(warning.asString(""));
      }
    }
    return warnings;
  }

  /** The refusal of a request that a webhook does not allow. */
  static ApiException denial(String webhook, JsonNode status) {
    String head = "admission webhook \"" + webhook + "\" denied the request";
    String given = Json.text(status, "message");
    String reason = Json.text(status, "reason");
    String message =
        !given.isEmpty()
            ? head + ": " + given
            : !reason.isEmpty() ? head + ": " + reason : head + " without explanation";
    int code = (int) Json.number(status, 0, "code");
    return new ApiException(
        new ApiStatus(
            code < StatusReason.BAD_REQUEST.code() ? StatusReason.BAD_REQUEST.code() : code,
            StatusReason.of(reason),
            message,
            details(status.path("details"))));
  }

  private static ApiStatus.Details details(JsonNode details) {
    List<StatusCause> causes = new ArrayList<>();
    for (JsonNode cause : details.path("causes")) {
      causes.add(
          new StatusCause(
              Json.text(cause, "reason"), Json.text(cause, "message"), Json.text(cause, "field")));
    }
    return new ApiStatus.Details(
        Json.text(details, "name"),
        Json.text(details, "group"),
        Json.text(details, "kind"),
        Json.text(details, "uid"),
        causes,
        (int) Json.number(details, 0, "retryAfterSeconds"));
  }
}
