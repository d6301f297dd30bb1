package dev.coxswain.runtime.client;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The verbs on one resource of a {@link FakeApi}. */
final class FakeResourceClient<T extends HasMetadata> implements ResourceClient<T> {
  private final ResourceModel<T> model;
  private final FakeStore store;
  private final Randomness random;
  private final Supplier<FakeFaults> faults;
  private final Runnable onTheWay;

  FakeResourceClient(
      ResourceModel<T> model,
      FakeStore store,
      Randomness random,
      Supplier<FakeFaults> faults,
      Runnable onTheWay) {
    this.model = model;
    this.store = store;
    this.random = random;
    this.faults = faults;
    this.onTheWay = onTheWay;
  }

  @Override
  public Optional<T> find(ObjectKey key) {
    model.objectPath(key);
    maybeUnavailable();
    return Optional.ofNullable(store.find(model.resource(), key)).map(this::decode);
  }

  @Override
  public ObjectList<T> list(String namespace, ListOptions options) {
    maybeUnavailable();
    synchronized (store) {
      List<T> items =
          store.all(model.resource()).stream()
              .filter(object -> FakeSelectors.matches(object, namespace, options))
              .map(this::decode)
              .toList();
      return new ObjectList<>(Long.toString(store.revision()), items);
    }
  }

  @Override
  public T create(T object) {
    return write(() -> store.create(model.resource(), encode(object), false));
  }

  @Override
  public T update(T object) {
    return change(ResourceModel.key(object), encode(object), FakeStore.Part.ALL_BUT_STATUS);
  }

  @Override
  public T updateStatus(T object) {
    return change(ResourceModel.key(object), encode(object), FakeStore.Part.STATUS);
  }

  @Override
  public T patch(ObjectKey key, Patch patch) {
    return patch(key, patch, FakeStore.Part.ALL_BUT_STATUS);
  }

  @Override
  public T patchStatus(ObjectKey key, Patch patch) {
    return patch(key, patch, FakeStore.Part.STATUS);
  }

  private T change(ObjectKey key, ObjectNode wanted, FakeStore.Part part) {
    model.objectPath(key);
    if (random.chance(faults.get().conflict())) {
      throw FakeStore.conflict(model.resource(), key);
    }
    return write(() -> store.update(model.resource(), wanted, part));
  }

  private T patch(ObjectKey key, Patch patch, FakeStore.Part part) {
    model.objectPath(key);
    return write(() -> {
      synchronized (store) {
        ObjectNode current = store.find(model.resource(), key);
        if (current == null && patch instanceof Patch.Apply) {
          ObjectNode fresh = (ObjectNode) ModelJson.MAPPER.readTree(patch.json());
          if (fresh.path("metadata").has("uid")) {
            throw FakeStore.conflict(model.resource(), key);
          }
          return store.create(model.resource(), fresh, false);
        }
        ObjectNode next = FakePatches.apply(store.get(model.resource(), key), patch);
        return store.update(model.resource(), next, part);
      }
    });
  }

  @Override
  public void delete(ObjectKey key, DeleteOptions options) {
    model.objectPath(key);
    maybeUnavailable();
    store.delete(model.resource(), key, options);
    maybeLoseReply();
  }

  @Override
  public <R extends KubernetesResource> R get(ObjectKey key, String subresource, Class<R> answer) {
    if (!subresource.equals("scale")) {
      throw unsupported(subresource);
    }
    maybeUnavailable();
    return ModelJson.MAPPER.treeToValue(scale(store.get(model.resource(), key)), answer);
  }

  /** A workload's scale: its replicas, and its selector where that is made of equal labels. */
  private static ObjectNode scale(ObjectNode object) {
    ObjectNode scale = ModelJson.MAPPER.createObjectNode();
    scale.put("apiVersion", "autoscaling/v1").put("kind", "Scale");
    JsonNode meta = object.path("metadata");
    scale
        .putObject("metadata")
        .put("name", meta.path("name").asString())
        .put("namespace", meta.path("namespace").asString())
        .put("resourceVersion", meta.path("resourceVersion").asString());
    scale.putObject("spec").set("replicas", object.path("spec").path("replicas"));
    ObjectNode status = scale.putObject("status");
    status.put("replicas", object.path("status").path("replicas").asInt(0));
    var terms = new ArrayList<String>();
    object
        .path("spec")
        .path("selector")
        .path("matchLabels")
        .properties()
        .forEach(label -> terms.add(label.getKey() + "=" + label.getValue().asString()));
    status.put("selector", String.join(",", terms));
    return scale;
  }

  private ObjectNode rescale(ObjectKey key, ObjectNode wanted) {
    ObjectNode object = store.get(model.resource(), key).deepCopy();
    object.withObject("spec").set("replicas", wanted.path("spec").path("replicas"));
    String version = wanted.path("metadata").path("resourceVersion").asString("");
    if (!version.isEmpty()) {
      object.withObject("metadata").put("resourceVersion", version);
    }
    return scale(store.update(model.resource(), object, FakeStore.Part.ALL_BUT_STATUS));
  }

  @Override
  public <R extends KubernetesResource> R post(
      ObjectKey key, String subresource, KubernetesResource body, Class<R> answer) {
    maybeUnavailable();
    JsonNode json = ModelJson.MAPPER.valueToTree(body);
    switch (model.resource().resource() + "/" + subresource) {
      case "pods/binding" ->
          store.bind(model.resource(), key, json.path("target").path("name").asString());
      case "pods/eviction" -> {
        store.get(model.resource(), key);
        JsonNode grace = json.path("deleteOptions").path("gracePeriodSeconds");
        @Nullable Long seconds = grace.isNumber() ? grace.asLong() : null;
        store.delete(model.resource(), key, new DeleteOptions(seconds, null, null, null));
      }
      default -> throw unsupported(subresource);
    }
    maybeLoseReply();
    return ModelJson.MAPPER.readValue("{\"kind\":\"Status\",\"status\":\"Success\"}", answer);
  }

  @Override
  public <R extends KubernetesResource> R put(
      ObjectKey key, String subresource, KubernetesResource body, Class<R> answer) {
    maybeUnavailable();
    ObjectNode wanted = ModelJson.MAPPER.valueToTree(body);
    ObjectNode stored;
    if (subresource.equals("scale")) {
      stored = rescale(key, wanted);
    } else if ((model.resource().resource() + "/" + subresource).equals("namespaces/finalize")) {
      stored = store.finalizeNamespace(model.resource(), wanted);
    } else if (subresource.equals("approval")) {
      stored = store.update(model.resource(), wanted, FakeStore.Part.STATUS);
    } else {
      throw unsupported(subresource);
    }
    maybeLoseReply();
    return ModelJson.MAPPER.treeToValue(stored, answer);
  }

  @Override
  public Watch<T> watch(String namespace, ListOptions options, String resourceVersion) {
    maybeUnavailable();
    return new FakeWatch<>(model, namespace, options, store, Long.parseLong(resourceVersion));
  }

  private T write(Supplier<ObjectNode> action) {
    maybeUnavailable();
    ObjectNode stored = action.get();
    maybeLoseReply();
    return decode(stored);
  }

  private void maybeUnavailable() {
    onTheWay.run();
    if (random.chance(faults.get().unavailable())) {
      throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, "injected: no server answers");
    }
  }

  private void maybeLoseReply() {
    if (random.chance(faults.get().lostReply())) {
      throw new ApiException(StatusReason.TIMEOUT, "injected: the answer was lost");
    }
  }

  private ApiException unsupported(String subresource) {
    return new ApiException(
        StatusReason.NOT_FOUND, "no such subresource: " + model.resource() + "/" + subresource);
  }

  private ObjectNode encode(T object) {
    model.collectionPath("");
    if (model.namespaced() == ResourceModel.key(object).namespace().isEmpty()) {
      throw new IllegalArgumentException(
          model.resource() + ": " + (model.namespaced() ? "needs a" : "takes no") + " namespace");
    }
    return ModelJson.MAPPER.valueToTree(object);
  }

  private T decode(ObjectNode json) {
    return ModelJson.MAPPER.treeToValue(json, model.type());
  }
}
