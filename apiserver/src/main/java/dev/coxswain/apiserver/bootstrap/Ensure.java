package dev.coxswain.apiserver.bootstrap;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.definition.Conditions;
import dev.coxswain.apiserver.definition.Conditions.Condition;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.verbs.ObjectWriter;
import dev.coxswain.apiserver.verbs.WriteContext;
import dev.coxswain.apiserver.watch.CachedObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes objects be there, and be as they should. */
final class Ensure {
  private final ResourceRegistry registry;
  private final ObjectReader reader;
  private final ObjectWriter writer;

  Ensure(ResourceRegistry registry, ObjectReader reader, ObjectWriter writer) {
    this.registry = registry;
    this.reader = reader;
    this.writer = writer;
  }

  /**
   * Creates an object that is not there; one that is there is changed where {@code reconcile} says
   * so.
   *
   * @param reconcile the wanted object from the stored and the new one; empty leaves it alone
   */
  void present(
      ObjectNode wanted, BiFunction<ObjectNode, ObjectNode, Optional<ObjectNode>> reconcile)
      throws InterruptedException {
    ResourceType type = type(wanted);
    ObjectKey key = key(wanted);
    Optional<CachedObject> found = reader.find(type.storedResource(), key);
    if (found.isEmpty()) {
      try {
        writer.create(type, key.namespace(), wanted.deepCopy(), WriteContext.internal());
        return;
      } catch (ApiException e) {
        // Another API server starts at the same time.
        if (!e.is(StatusReason.ALREADY_EXISTS)) {
          throw e;
        }
      }
    } else if (reconcile.apply(found.get().parse(), wanted).isEmpty()) {
      return;
    }
    writer.change(
        type,
        key,
        "",
        stored ->
            reconcile.apply(stored.deepCopy(), wanted).ifPresent(next -> replace(stored, next)),
        WriteContext.internal());
  }

  /** Creates an object that is not there. */
  void present(ObjectNode wanted) throws InterruptedException {
    present(wanted, (stored, same) -> Optional.empty());
  }

  /**
   * Makes an object that is there, or has just been made, say this of itself. One that says
   * something already, or is on its way out, is its controller's.
   */
  void condition(ObjectNode object, Condition wanted, Instant now) throws InterruptedException {
    ResourceType type = type(object);
    boolean left =
        reader
            .find(type.storedResource(), key(object))
            .map(CachedObject::parse)
            .filter(found -> said(found, wanted))
            .isPresent();
    if (!left) {
      writer.change(
          type,
          key(object),
          "status",
          stored -> {
            if (!said(stored, wanted)) {
              Conditions.set(stored, wanted, now.truncatedTo(ChronoUnit.SECONDS).toString());
            }
          },
          WriteContext.internal());
    }
  }

  private static boolean said(ObjectNode object, Condition wanted) {
    return Conditions.find(object, wanted.type()).isPresent()
        || !Json.text(object, "metadata", "deletionTimestamp").isEmpty();
  }

  private ResourceType type(ObjectNode object) {
    GroupVersionKind kind =
        GroupVersionKind.of(Json.text(object, "apiVersion"), Json.text(object, "kind"));
    return registry
        .find(kind)
        .orElseThrow(() -> new IllegalArgumentException("no resource of kind " + kind));
  }

  private static ObjectKey key(ObjectNode object) {
    return new ObjectKey(
        Json.text(object, "metadata", "namespace"), Json.text(object, "metadata", "name"));
  }

  private static void replace(ObjectNode target, ObjectNode next) {
    target.removeAll();
    for (Map.Entry<String, JsonNode> field : next.properties()) {
      target.set(field.getKey(), field.getValue());
    }
  }
}
