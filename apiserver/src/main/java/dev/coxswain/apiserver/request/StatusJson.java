package dev.coxswain.apiserver.request;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusCause;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code Status} objects. */
public final class StatusJson {
  private StatusJson() {}

  /** A failure. */
  public static ObjectNode failure(ApiStatus status) {
    ObjectNode object = head("Failure");
    if (!status.continuation().isEmpty()) {
      object.putObject("metadata").put("continue", status.continuation());
    }
    object.put("message", status.message());
    if (!status.reason().text().isEmpty()) {
      object.put("reason", status.reason().text());
    }
    ApiStatus.Details details = status.details();
    if (!details.equals(ApiStatus.Details.NONE)) {
      ObjectNode target = object.putObject("details");
      put(target, "name", details.name());
      put(target, "group", details.group());
      put(target, "kind", details.kind());
      put(target, "uid", details.uid());
      if (!details.causes().isEmpty()) {
        ArrayNode causes = target.putArray("causes");
        for (StatusCause cause : details.causes()) {
          ObjectNode node = causes.addObject();
          put(node, "reason", cause.reason());
          put(node, "message", cause.message());
          put(node, "field", cause.field());
        }
      }
      if (details.retryAfterSeconds() > 0) {
        target.put("retryAfterSeconds", details.retryAfterSeconds());
      }
    }
    object.put("code", status.code());
    return object;
  }

  /** What a delete answers when the object is gone. */
  public static ObjectNode success(String name, String group, String plural, String uid) {
    ObjectNode object = head("Success");
    ObjectNode details = object.putObject("details");
    put(details, "name", name);
    put(details, "group", group);
    put(details, "kind", plural);
    put(details, "uid", uid);
    return object;
  }

  /** What an action such as a binding answers. */
  public static ObjectNode created() {
    return head("Success").put("code", 201);
  }

  private static ObjectNode head(String outcome) {
    ObjectNode object = Json.object();
    object.put("kind", "Status");
    object.put("apiVersion", "v1");
    object.putObject("metadata");
    object.put("status", outcome);
    return object;
  }

  private static void put(ObjectNode target, String field, String value) {
    if (!value.isEmpty()) {
      target.put(field, value);
    }
  }
}
