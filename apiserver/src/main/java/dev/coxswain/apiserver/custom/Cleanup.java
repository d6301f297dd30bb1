package dev.coxswain.apiserver.custom;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.definition.Conditions;
import dev.coxswain.apiserver.definition.Conditions.Condition;
import dev.coxswain.apiserver.definition.DefinitionStrategy;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.verbs.DeleteRequest;
import dev.coxswain.apiserver.verbs.ObjectDeleter;
import dev.coxswain.apiserver.verbs.WriteContext;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.apiserver.watch.Selection;
import dev.coxswain.apiserver.watch.Subscription;
import dev.coxswain.apiserver.watch.WatchCache;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Removes the objects of a deleted definition, and then lets the definition go. */
final class Cleanup implements AutoCloseable {
  private static final String TERMINATING = "Terminating";

  private final WatchCache cache;
  private final ObjectDeleter deleter;
  private final Runnable wake;

  /** Used by one thread, but closed by another. */
  private final Map<GroupResource, Subscription> waiting = new ConcurrentHashMap<>();

  Cleanup(WatchCache cache, ObjectDeleter deleter, Runnable wake) {
    this.cache = cache;
    this.deleter = deleter;
    this.wake = wake;
  }

  /**
   * How far it is.
   *
   * @param condition what the definition says of it
   * @param done whether nothing is left
   * @param failed whether it has to be tried again
   */
  record Step(Condition condition, boolean done, boolean failed) {}

  /** What is to be said now; empty where nothing is to be done, or done already. */
  Optional<Step> next(ObjectNode definition, CustomTypes types) {
    GroupResource resource = CustomTypes.resource(definition);
    if (!held(definition)) {
      forget(resource);
      return Optional.empty();
    }
    if (!Conditions.isTrue(definition, "Established")) {
      return Optional.of(done("NeverEstablished", "resource was never established"));
    }
    // Watching before looking: what goes away in between wakes us again.
    waiting.put(
        resource,
        waiting.computeIfAbsent(resource, this::subscribe).drained(() -> subscribe(resource)));
    List<CachedObject> objects = cache.cached(resource, Selection.namespace("")).objects();
    if (objects.isEmpty()) {
      forget(resource);
      return Optional.of(done("InstanceDeletionCompleted", "removed all instances"));
    }
    try {
      delete(objects, types.stored(definition));
    } catch (ApiException e) {
      Condition failed =
          new Condition(
              TERMINATING,
              "True",
              "InstanceDeletionFailed",
              "could not issue all deletes: " + e.getMessage());
      return Optional.of(new Step(failed, false, true));
    }
    Condition running =
        new Condition(
            TERMINATING,
            "True",
            "InstanceDeletionInProgress",
            "CustomResource deletion is in progress");
    boolean said = Conditions.find(definition, TERMINATING).filter(running::equals).isPresent();
    return said ? Optional.empty() : Optional.of(new Step(running, false, false));
  }

  private static Step done(String reason, String message) {
    return new Step(new Condition(TERMINATING, "False", reason, message), true, false);
  }

  private Subscription subscribe(GroupResource resource) {
    return cache.watchState(resource, Selection.namespace(""), wake);
  }

  private void forget(GroupResource resource) {
    Subscription subscription = waiting.remove(resource);
    if (subscription != null) {
      subscription.close();
    }
  }

  private void delete(List<CachedObject> objects, ResourceType type) {
    for (CachedObject object : objects) {
      if (Json.text(object.parse(), "metadata", "deletionTimestamp").isEmpty()) {
        try {
          deleter.delete(type, object.key(), DeleteRequest.DEFAULT, WriteContext.internal());
        } catch (ApiException e) {
          if (!e.is(StatusReason.NOT_FOUND)) {
            throw e;
          }
        }
      }
    }
  }

  private static boolean held(ObjectNode definition) {
    for (JsonNode finalizer : Json.at(definition, "metadata", "finalizers")) {
      if (finalizer.asString("").equals(DefinitionStrategy.CLEANUP)) {
        return true;
      }
    }
    return false;
  }

  /** Takes the finalizer away. */
  static void letGo(ObjectNode definition) {
    if (Json.at(definition, "metadata", "finalizers") instanceof ArrayNode finalizers) {
      finalizers.removeIf(one -> one.asString("").equals(DefinitionStrategy.CLEANUP));
    }
  }

  @Override
  public void close() {
    waiting.values().forEach(Subscription::close);
  }
}
