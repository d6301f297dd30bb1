package dev.coxswain.runtime.client;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.client.Transport.Request;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The verbs on one resource over HTTP. */
final class HttpResourceClient<T extends HasMetadata> implements ResourceClient<T> {
  private static final String JSON = "application/json";

  /** Objects in one page of a list: bounds what the server must hold for one answer. */
  private static final int PAGE_SIZE = 500;

  /** A watch is ended by the server after this long, plus as much again at random, in seconds. */
  private static final int WATCH_SECONDS = 300;

  private final ResourceModel<T> model;
  private final Transport transport;
  private final Time time;
  private final Randomness random;
  private final Duration deadline;

  HttpResourceClient(
      ResourceModel<T> model,
      Transport transport,
      Time time,
      Randomness random,
      Duration deadline) {
    this.model = model;
    this.transport = transport;
    this.time = time;
    this.random = random;
    this.deadline = deadline;
  }

  @Override
  public Optional<T> find(ObjectKey key) {
    try {
      return Optional.of(
          decode(transport.call(Request.get(model.objectPath(key), accept("")), deadline)));
    } catch (ApiException e) {
      if (e.is(StatusReason.NOT_FOUND)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public ObjectList<T> list(String namespace, ListOptions options) {
    try {
      return list(namespace, options, PAGE_SIZE);
    } catch (ApiException e) {
      if (e.is(StatusReason.EXPIRED) || e.is(StatusReason.GONE)) {
        // The pages took longer than the server keeps their version: all in one, then.
        return list(namespace, options, 0);
      }
      throw e;
    }
  }

  private ObjectList<T> list(String namespace, ListOptions options, int limit) {
    var items = new ArrayList<T>();
    String continuation = "";
    do {
      String query = selection(options);
      if (limit > 0) {
        query += "&limit=" + limit;
      }
      if (!continuation.isEmpty()) {
        query += "&continue=" + Uris.query(continuation);
      }
      String path = model.collectionPath(namespace) + query.replaceFirst("^&", "?");
      Page<T> page = page(transport.call(Request.get(path, accept("List")), deadline));
      items.addAll(page.items());
      continuation = page.continuation();
      if (continuation.isEmpty()) {
        return new ObjectList<>(page.resourceVersion(), items);
      }
    } while (true);
  }

  private record Page<T>(String resourceVersion, String continuation, List<T> items) {}

  /** Reads the items one by one, so that no tree of the whole list is ever made. */
  private Page<T> page(byte[] body) {
    try (JsonParser parser = ModelJson.MAPPER.createParser(body)) {
      String resourceVersion = "";
      String continuation = "";
      var items = new ArrayList<T>();
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw unreadable("not a list", null);
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("items") && value == JsonToken.START_ARRAY) {
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(ModelJson.MAPPER.readValue(parser, model.type()));
          }
        } else if (name.equals("metadata") && value == JsonToken.START_OBJECT) {
          JsonNode meta = ModelJson.MAPPER.readTree(parser);
          resourceVersion = meta.path("resourceVersion").asString("");
          continuation = meta.path("continue").asString("");
        } else {
          parser.skipChildren();
        }
      }
      return new Page<>(resourceVersion, continuation, items);
    } catch (JacksonException e) {
      throw unreadable("a list that cannot be read", e);
    }
  }

  @Override
  public T create(T object) {
    ObjectKey key = ResourceModel.key(object);
    if (model.namespaced() == key.namespace().isEmpty()) {
      throw new IllegalArgumentException(
          model.resource() + ": " + (model.namespaced() ? "needs a" : "takes no") + " namespace");
    }
    return send("POST", model.collectionPath(key.namespace()), JSON, encode(object));
  }

  @Override
  public T update(T object) {
    return send("PUT", model.objectPath(ResourceModel.key(object)), JSON, encode(object));
  }

  @Override
  public T updateStatus(T object) {
    String path = model.objectPath(ResourceModel.key(object)) + "/status";
    return send("PUT", path, JSON, encode(object));
  }

  @Override
  public T patch(ObjectKey key, Patch patch) {
    return patch(model.objectPath(key), patch);
  }

  @Override
  public T patchStatus(ObjectKey key, Patch patch) {
    return patch(model.objectPath(key) + "/status", patch);
  }

  private T patch(String path, Patch patch) {
    String body = patch.json();
    return switch (patch) {
      case Patch.Merge ignored -> send("PATCH", path, "application/merge-patch+json", body);
      case Patch.Json ignored -> send("PATCH", path, "application/json-patch+json", body);
      case Patch.Strategic ignored ->
          send("PATCH", path, "application/strategic-merge-patch+json", body);
      case Patch.Apply apply ->
          send(
              "PATCH",
              path
                  + "?fieldManager="
                  + Uris.query(apply.fieldManager())
                  + "&force="
                  + apply.force(),
              "application/apply-patch+yaml",
              body);
    };
  }

  @Override
  public void delete(ObjectKey key, DeleteOptions options) {
    ObjectNode body = ModelJson.MAPPER.createObjectNode();
    body.put("apiVersion", "v1").put("kind", "DeleteOptions");
    if (options.gracePeriodSeconds() != null) {
      body.put("gracePeriodSeconds", options.gracePeriodSeconds());
    }
    if (options.propagation() != null) {
      body.put("propagationPolicy", options.propagation().text());
    }
    if (options.uid() != null) {
      body.withObject("preconditions").put("uid", options.uid());
    }
    if (options.resourceVersion() != null) {
      body.withObject("preconditions").put("resourceVersion", options.resourceVersion());
    }
    String json = ModelJson.MAPPER.writeValueAsString(body);
    try {
      transport.call(new Request("DELETE", model.objectPath(key), JSON, json), deadline);
    } catch (ApiException e) {
      if (!e.is(StatusReason.NOT_FOUND)) {
        throw e;
      }
    }
  }

  @Override
  public <R extends KubernetesResource> R get(ObjectKey key, String subresource, Class<R> answer) {
    String path = model.objectPath(key) + "/" + subresource;
    return decode(transport.call(Request.get(path), deadline), answer);
  }

  @Override
  public <R extends KubernetesResource> R post(
      ObjectKey key, String subresource, KubernetesResource body, Class<R> answer) {
    return subresource("POST", key, subresource, body, answer);
  }

  @Override
  public <R extends KubernetesResource> R put(
      ObjectKey key, String subresource, KubernetesResource body, Class<R> answer) {
    return subresource("PUT", key, subresource, body, answer);
  }

  private <R> R subresource(
      String method, ObjectKey key, String name, KubernetesResource body, Class<R> answer) {
    String path = model.objectPath(key) + "/" + name;
    return decode(transport.call(new Request(method, path, JSON, encode(body)), deadline), answer);
  }

  @Override
  public Watch<T> watch(String namespace, ListOptions options, String resourceVersion) {
    long seconds = WATCH_SECONDS + random.below(WATCH_SECONDS);
    String path =
        model.collectionPath(namespace)
            + "?watch=true&allowWatchBookmarks=true&resourceVersion="
            + Uris.query(resourceVersion)
            + "&timeoutSeconds="
            + seconds
            + selection(options);
    return new HttpWatch<>(
        model.type(), transport.open(Request.get(path, accept("")), deadline), time);
  }

  /** Metadata alone is asked for by a media type of its own; who does not know it sends all. */
  private String accept(String suffix) {
    return model.type().equals(PartialObjectMetadata.class)
        ? JSON + ";as=PartialObjectMetadata" + suffix + ";g=meta.k8s.io;v=v1," + JSON
        : JSON;
  }

  private static String selection(ListOptions options) {
    String query = "";
    if (!options.labelSelector().isEmpty()) {
      query += "&labelSelector=" + Uris.query(options.labelSelector());
    }
    if (!options.fieldSelector().isEmpty()) {
      query += "&fieldSelector=" + Uris.query(options.fieldSelector());
    }
    return query;
  }

  private T send(String method, String path, String contentType, String body) {
    return decode(transport.call(new Request(method, path, contentType, body), deadline));
  }

  private static String encode(KubernetesResource object) {
    return ModelJson.MAPPER.writeValueAsString(object);
  }

  private T decode(byte[] body) {
    return decode(body, model.type());
  }

  private <R> R decode(byte[] body, Class<R> type) {
    try {
      return ModelJson.MAPPER.readValue(body, type);
    } catch (JacksonException e) {
      throw unreadable("an object that cannot be read as " + type.getSimpleName(), e);
    }
  }

  private ApiException unreadable(String what, @Nullable Exception cause) {
    var failure =
        new ApiException(
            StatusReason.INTERNAL_ERROR,
            "the server answered "
                + what
                + " for "
                + model.resource()
                + (cause == null ? "" : ": " + cause.getMessage()));
    if (cause != null) {
      failure.initCause(cause);
    }
    return failure;
  }
}
