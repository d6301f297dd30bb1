package dev.coxswain.apiserver.audit;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authn.UserJson;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.http.HttpRequest;
import dev.coxswain.apiserver.request.RequestInfo;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** An {@code Event} of {@code audit.k8s.io/v1}, told anew at each stage. */
final class AuditEvent {
  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final HttpRequest request;
  private final RequestInfo info;
  private final String id;
  private final UserInfo user;
  private final Instant received;
  private final Map<String, String> annotations = new ConcurrentSkipListMap<>();
  private volatile @Nullable UserInfo impersonated;
  private @Nullable JsonNode body;

  AuditEvent(HttpRequest request, RequestInfo info, String id, UserInfo user, Instant received) {
    this.request = request;
    this.info = info;
    this.id = id;
    this.user = user;
    this.received = received;
  }

  void annotate(String key, String value) {
    annotations.put(key, value);
  }

  void impersonated(UserInfo other) {
    impersonated = other;
  }

  /** The event as far as it is known at a stage. */
  ObjectNode at(Stage stage, Level level, Instant now) {
    ObjectNode event = Json.object();
    event.put("kind", "Event").put("apiVersion", "audit.k8s.io/v1");
    event.put("level", level.text()).put("auditID", id).put("stage", stage.text());
    event.put(
        "requestURI", request.path() + (request.query().isEmpty() ? "" : "?" + request.query()));
    event.put("verb", info.verb());
    event.set("user", UserJson.of(user));
    UserInfo other = impersonated;
    if (other != null) {
      event.set("impersonatedUser", UserJson.of(other));
    }
    sources().forEach(event.putArray("sourceIPs")::add);
    String agent = request.header("User-Agent");
    if (!agent.isEmpty()) {
      event.put("userAgent", agent);
    }
    if (info.resourceRequest()) {
      event.set("objectRef", reference(stage));
    }
    event.put("requestReceivedTimestamp", MICROSECONDS.format(received));
    event.put("stageTimestamp", MICROSECONDS.format(now));
    if (!annotations.isEmpty()) {
      annotations.forEach(event.putObject("annotations")::put);
    }
    return event;
  }

  /** Who sent the request on, as it claims, and who it came from. */
  private List<String> sources() {
    List<String> sources = new ArrayList<>();
    for (String header : request.headers("X-Forwarded-For")) {
      for (String address : header.split(",", -1)) {
        if (!address.isBlank()) {
          sources.add(address.strip());
        }
      }
    }
    String real = request.header("X-Real-Ip");
    if (!real.isEmpty() && !sources.contains(real)) {
      sources.add(real);
    }
    String peer = request.remoteAddress();
    String address = peer.substring(0, Math.max(0, peer.lastIndexOf(':')));
    if (sources.isEmpty() || !sources.getLast().equals(address)) {
      sources.add(address);
    }
    return sources;
  }

  private ObjectNode reference(Stage stage) {
    ObjectNode reference = Json.object();
    // What is created is named in its body only, which is not read before it is let in.
    boolean unnamed = info.verb().equals("create") && info.name().isEmpty();
    JsonNode metadata =
        unnamed && stage != Stage.REQUEST_RECEIVED ? body().path("metadata") : Json.object();
    put(reference, "resource", info.resource());
    put(reference, "namespace", info.namespace());
    put(reference, "name", unnamed ? Json.text(metadata, "name") : info.name());
    put(reference, "uid", Json.text(metadata, "uid"));
    put(reference, "apiGroup", info.group());
    put(reference, "apiVersion", info.version());
    put(reference, "resourceVersion", Json.text(metadata, "resourceVersion"));
    put(reference, "subresource", info.subresource());
    return reference;
  }

  private static void put(ObjectNode target, String field, String value) {
    if (!value.isEmpty()) {
      target.put(field, value);
    }
  }

  private JsonNode body() {
    JsonNode known = body;
    if (known == null) {
      known = Bodies.request(request.header("Content-Type"), request.body());
      body = known;
    }
    return known;
  }

  /** Adds what the answer says, as far as the level goes. */
  void answered(ObjectNode event, AuditPolicy.Verdict verdict, Answer answer) {
    ObjectNode status = status(event, answer.status());
    JsonNode told = Bodies.status(answer);
    for (String field : List.of("status", "message", "reason")) {
      put(status, field, Json.text(told, field));
    }
    if (told.path("details").isObject()) {
      status.set("details", told.path("details"));
    }
    if (!info.resourceRequest()) {
      return;
    }
    if (verdict.level().includes(Level.REQUEST) && !body().isMissingNode()) {
      event.set("requestObject", shown(body(), verdict));
    }
    if (verdict.level().includes(Level.REQUEST_RESPONSE)) {
      JsonNode object = Bodies.read(answer);
      if (!object.isMissingNode()) {
        event.set("responseObject", shown(object, verdict));
      }
    }
  }

  private static JsonNode shown(JsonNode object, AuditPolicy.Verdict verdict) {
    if (verdict.omitManagedFields()) {
      withoutManagers(object);
      object.path("items").forEach(AuditEvent::withoutManagers);
      object.path("rows").forEach(row -> withoutManagers(row.path("object")));
    }
    return object;
  }

  private static void withoutManagers(JsonNode object) {
    if (object.path("metadata") instanceof ObjectNode metadata) {
      metadata.remove("managedFields");
    }
  }

  /** Puts the code of the answer in; the node takes more. */
  static ObjectNode status(ObjectNode event, int code) {
    ObjectNode status = event.putObject("responseStatus");
    status.putObject("metadata");
    status.put("code", code);
    return status;
  }
}
