package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Strategy;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.storage.StoreKeys;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.apiserver.storage.StoredValue;
import dev.coxswain.apiserver.storage.WriteOutcome;
import dev.coxswain.apiserver.verbs.WriteContext.Target;
import dev.coxswain.apiserver.watch.CachedObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Deletes objects: at once, after a grace period, or when the last finalizer lets go. */
public final class ObjectDeleter {
  private static final int ATTEMPTS = 16;

  private final WriteServices services;

  /** A deleter on these services. */
  public ObjectDeleter(WriteServices services) {
    this.services = services;
  }

  /**
   * What became of the object.
   *
   * @param object its last state
   * @param gone whether it is gone, or lingers with a deletionTimestamp
   */
  public record Deleted(CachedObject object, boolean gone) {}

  /** Deletes an object. */
  public Deleted delete(
      ResourceType type, ObjectKey key, DeleteRequest request, WriteContext context) {
    return delete(type, key, request, context, true);
  }

  /** Deletes an object for a request that admission has seen as what it is, as an eviction. */
  public Deleted deleteAdmitted(
      ResourceType type, ObjectKey key, DeleteRequest request, WriteContext context) {
    return delete(type, key, request, context, false);
  }

  private Deleted delete(
      ResourceType type,
      ObjectKey key,
      DeleteRequest request,
      WriteContext context,
      boolean toBeAdmitted) {
    String storeKey = StoreKeys.key(type.storedResource(), key);
    StoredValue current = services.store().get(storeKey).orElse(null);
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      if (current == null) {
        throw Failures.notFound(type.resource(), key.name());
      }
      ObjectNode old = StoredForm.decode(type, current.bytes(), current.revision());
      checkPreconditions(type, key, request, old, current.revision());
      if (toBeAdmitted) {
        admit(type, key, old, context);
      }
      @Nullable ObjectNode lingering = lingering(type, old, request);
      CachedObject last = CachedObject.of(key, current.bytes(), current.revision());
      if (lingering != null && Trees.same(lingering, old)) {
        return new Deleted(last, false);
      }
      byte[] bytes = lingering == null ? current.bytes() : StoredForm.encode(type, lingering);
      if (context.dryRun()) {
        return new Deleted(CachedObject.of(key, bytes, current.revision()), lingering == null);
      }
      List<StoreWrite> writes = new ArrayList<>();
      if (lingering == null) {
        writes.add(new StoreWrite.Delete(storeKey, current.revision()));
        writes.addAll(services.companions().delete(type, key, old).writes());
      } else {
        writes.add(new StoreWrite.Put(storeKey, current.revision(), bytes, services.lease(type)));
      }
      switch (services.store().commit(writes)) {
        case WriteOutcome.Done done -> {
          return new Deleted(CachedObject.of(key, bytes, done.revision()), lingering == null);
        }
        case WriteOutcome.Conflict conflict -> current = conflict.current();
      }
    }
    throw Failures.modified(type.resource(), key.name());
  }

  private void admit(ResourceType type, ObjectKey key, ObjectNode old, WriteContext context) {
    AdmissionRequest admission =
        context.admission(Operation.DELETE, Target.of(type, "", key), null, old);
    services.admission().mutate(admission);
    services.admission().validate(admission);
  }

  private static void checkPreconditions(
      ResourceType type, ObjectKey key, DeleteRequest request, ObjectNode old, long revision) {
    String uid = Json.text(old, "metadata", "uid");
    if (!request.uid().isEmpty() && !request.uid().equals(uid)) {
      throw Failures.conflict(
          type.resource(),
          key.name(),
          "Precondition failed: UID in precondition: "
              + request.uid()
              + ", UID in object meta: "
              + uid);
    }
    if (!request.resourceVersion().isEmpty()
        && !request.resourceVersion().equals(Long.toString(revision))) {
      throw Failures.conflict(
          type.resource(),
          key.name(),
          "Precondition failed: ResourceVersion in precondition: "
              + request.resourceVersion()
              + ", ResourceVersion in object meta: "
              + revision);
    }
  }

  /** The object as it is to linger; null where it is to go at once. */
  private @Nullable ObjectNode lingering(ResourceType type, ObjectNode old, DeleteRequest request) {
    ObjectNode object = old.deepCopy();
    ObjectNode metadata = Metadata.of(object);
    long grace = type.strategy().deletionGraceSeconds(object, request.gracePeriodSeconds());
    boolean alreadyDeleting = Metadata.deleting(old);
    finalizers(type, metadata, request);
    if (alreadyDeleting) {
      long before = Json.number(metadata, 0, "deletionGracePeriodSeconds");
      // A second delete may shorten the grace period, never lengthen it.
      if (grace < before) {
        // It counts from when the object was first deleted, as the longer one did.
        Instant until = Instant.parse(Json.text(metadata, "deletionTimestamp"));
        mark(metadata, until.minus(Duration.ofSeconds(before)), grace);
      } else {
        grace = before;
      }
    } else {
      mark(metadata, services.time().now(), grace);
      long generation = Json.number(metadata, 0, "generation");
      if (generation > 0) {
        metadata.put("generation", generation + 1);
      }
      type.strategy().markDeleted(object);
    }
    boolean held =
        grace > 0 || Metadata.hasFinalizers(object) || !type.strategy().mayBeRemoved(object);
    return held ? object : null;
  }

  private static void mark(ObjectNode metadata, Instant from, long grace) {
    Instant when = from.plus(Duration.ofSeconds(grace));
    metadata.put("deletionTimestamp", Metadata.time(when));
    metadata.put("deletionGracePeriodSeconds", grace);
  }

  /** The garbage collector's own finalizers say what becomes of the dependents. */
  private static void finalizers(ResourceType type, ObjectNode metadata, DeleteRequest request) {
    Set<String> finalizers = new LinkedHashSet<>();
    for (JsonNode finalizer : metadata.path("finalizers")) {
      finalizers.add(finalizer.asString(""));
    }
    switch (request.propagation()) {
      case "Orphan" -> {
        finalizers.remove("foregroundDeletion");
        finalizers.add("orphan");
      }
      case "Foreground" -> {
        finalizers.remove("orphan");
        finalizers.add("foregroundDeletion");
      }
      case "Background" -> {
        finalizers.remove("orphan");
        finalizers.remove("foregroundDeletion");
      }
      default -> {
        boolean asked = finalizers.contains("orphan") || finalizers.contains("foregroundDeletion");
        if (!asked && type.strategy().defaultPropagation() == Strategy.Propagation.ORPHAN) {
          finalizers.add("orphan");
        }
      }
    }
    if (finalizers.isEmpty()) {
      metadata.remove("finalizers");
    } else {
      ArrayNode list = metadata.putArray("finalizers");
      finalizers.forEach(list::add);
    }
  }
}
