package dev.coxswain.runtime.client;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusCause;
import dev.coxswain.api.status.StatusReason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Failures as they arrive. */
final class StatusJson {
  /** How much of an answer that is no {@code Status} is quoted, in characters. */
  private static final int QUOTE_LIMIT = 300;

  private StatusJson() {}

  /** The failure in a response's body. */
  static ApiException failure(int code, byte[] body) {
    try {
      JsonNode json = ModelJson.MAPPER.readTree(body);
      if (json != null && json.path("kind").asString("").equals("Status")) {
        return new ApiException(status(json, code));
      }
    } catch (JacksonException notJson) {
      // Said below, in the server's words.
    }
    String text = new String(body, StandardCharsets.UTF_8).strip();
    String quote = text.length() > QUOTE_LIMIT ? text.substring(0, QUOTE_LIMIT) + "…" : text;
    return new ApiException(
        new ApiStatus(
            code,
            reason("", code),
            quote.isEmpty() ? "the server answered " + code : quote,
            ApiStatus.Details.NONE));
  }

  /** A {@code Status} object. */
  static ApiStatus status(JsonNode json, int defaultCode) {
    int code = json.path("code").asInt(defaultCode);
    JsonNode details = json.path("details");
    var causes = new ArrayList<StatusCause>();
    for (JsonNode cause : details.path("causes")) {
      causes.add(
          new StatusCause(text(cause, "reason"), text(cause, "message"), text(cause, "field")));
    }
    return new ApiStatus(
        code,
        reason(text(json, "reason"), code),
        text(json, "message"),
        new ApiStatus.Details(
            text(details, "name"),
            text(details, "group"),
            text(details, "kind"),
            text(details, "uid"),
            causes,
            details.path("retryAfterSeconds").asInt(0)));
  }

  private static StatusReason reason(String text, int code) {
    StatusReason named = StatusReason.of(text);
    if (!text.isEmpty() && named != StatusReason.UNKNOWN) {
      return named;
    }
    return Arrays.stream(StatusReason.values())
        .filter(reason -> reason.code() == code)
        .findFirst()
        .orElse(StatusReason.UNKNOWN);
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asString("");
  }
}
