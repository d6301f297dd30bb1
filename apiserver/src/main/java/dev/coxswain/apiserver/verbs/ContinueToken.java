package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.request.Failures;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where a list goes on: the layout is upstream's, so that clients which look inside find what they
 * know.
 *
 * @param revision as of when the list is; {@link #NOW} where it goes on with what is there then
 * @param start the last object that was sent, as {@code namespace/name} or {@code name}
 */
record ContinueToken(long revision, String start) {
  /** The list goes on, but is no longer of one moment. */
  static final long NOW = -1;

  String encode() {
    ObjectNode token = Json.object();
    token.put("v", "meta.k8s.io/v1");
    token.put("rv", revision);
    token.put("start", start + "\0");
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Json.bytes(token));
  }

  static ContinueToken decode(String text) {
    try {
      JsonNode token = Json.parse(Base64.getUrlDecoder().decode(text));
      String start = Json.text(token, "start");
      long revision = Json.number(token, 0, "rv");
      // A start that climbs out of the resource's own keys would read somebody else's objects.
      boolean outside = start.startsWith("/") || start.contains("..");
      if (!start.endsWith("\0") || (revision <= 0 && revision != NOW) || outside) {
        throw invalid();
      }
      return new ContinueToken(revision, start.substring(0, start.length() - 1));
    } catch (IllegalArgumentException | JacksonException e) {
      throw invalid();
    }
  }

  private static RuntimeException invalid() {
    return Failures.badRequest("continue key is not valid: encoded data is not a continue token");
  }
}
