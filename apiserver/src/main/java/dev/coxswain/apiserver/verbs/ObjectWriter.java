package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.InvalidObject;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.storage.StoreKeys;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.apiserver.storage.StoredValue;
import dev.coxswain.apiserver.storage.WriteOutcome;
import dev.coxswain.apiserver.verbs.WriteContext.Target;
import dev.coxswain.apiserver.watch.CachedObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Creates and updates objects: fills in what the system knows, asks the kind's strategy and
 * admission, and stores optimistically.
 */
public final class ObjectWriter {
  /** How often a write begins anew because somebody else was faster. */
  private static final int ATTEMPTS = 16;

  /** How often a generated name is tried. */
  private static final int NAME_ATTEMPTS = 8;

  /** When owners were found to stand twice, if not in what the client sent. */
  private static final String AFTER_ADMISSION = " after mutating admission happens";

  private final WriteServices services;

  /** A writer on these services. */
  public ObjectWriter(WriteServices services) {
    this.services = services;
  }

  /**
   * Creates an object.
   *
   * @param namespace the namespace; empty for a cluster-scoped resource
   * @param object the decoded object, which is changed
   * @return the object as it was stored
   */
  public CachedObject create(
      ResourceType type, String namespace, ObjectNode object, WriteContext context) {
    return create(type, namespace, object, false, context);
  }

  /** Creates an object, whose managedFields may already say who owns it. */
  private CachedObject create(
      ResourceType type, String namespace, ObjectNode object, boolean owned, WriteContext context) {
    for (int attempt = 1; ; attempt++) {
      ObjectNode copy = attempt == 1 && !generates(object) ? object : object.deepCopy();
      try {
        return createOnce(type, namespace, copy, owned, context);
      } catch (ApiException e) {
        boolean again = e.is(StatusReason.ALREADY_EXISTS) && generates(object);
        if (!again || attempt == NAME_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static boolean generates(ObjectNode object) {
    return Json.text(object, "metadata", "name").isEmpty();
  }

  private CachedObject createOnce(
      ResourceType type, String namespace, ObjectNode object, boolean owned, WriteContext context) {
    Metadata.setNamespace(type, object, namespace);
    Metadata.created(object, services.randomness().uuid(), services.time().now());
    Metadata.dedupOwners(object, "", context.warnings());
    type.strategy().prepareForCreate(object);
    Metadata.generateName(object, services.randomness());
    type.strategy().fillDefaults(object);
    if (!owned) {
      services
          .ownership()
          .of(type, new Part.Whole(), context)
          .update(Ownership.blank(type, object), object);
    }
    AdmissionRequest admission =
        context.admission(
            Operation.CREATE, Target.of(type, "", Metadata.key(object)), object, null);
    ObjectNode given = Metadata.system(object);
    if (services.admission().mutate(admission)) {
      Metadata.restore(object, given);
      Metadata.dedupOwners(object, AFTER_ADMISSION, context.warnings());
      type.strategy().prepareForCreate(object);
      type.strategy().fillDefaults(object);
    }
    type.strategy().completeForCreate(object);
    ObjectKey key = Metadata.key(object);
    List<FieldError> errors = new ArrayList<>(MetadataRules.check(type, object));
    errors.addAll(type.strategy().validate(object));
    InvalidObject.throwIfAny(type.kind(), key.name(), errors);
    services.admission().validate(admission);
    context.warnings().addAll(type.strategy().warnings(object, null));
    return storeNew(type, key, object, context);
  }

  private CachedObject storeNew(
      ResourceType type, ObjectKey key, ObjectNode object, WriteContext context) {
    String storeKey = StoreKeys.key(type.storedResource(), key);
    for (int attempt = 1; ; attempt++) {
      Companions.Plan plan = services.companions().create(type, key, object, attempt);
      byte[] bytes = StoredForm.encode(type, object);
      if (context.dryRun()) {
        if (services.store().get(storeKey).isPresent()) {
          throw Failures.alreadyExists(type.resource(), key.name());
        }
        return CachedObject.unsaved(key, bytes);
      }
      List<StoreWrite> writes = new ArrayList<>();
      writes.add(new StoreWrite.Put(storeKey, StoreWrite.ABSENT, bytes, services.lease(type)));
      writes.addAll(plan.writes());
      switch (services.store().commit(writes)) {
        case WriteOutcome.Done done -> {
          return CachedObject.of(key, bytes, done.revision());
        }
        case WriteOutcome.Conflict conflict -> {
          if (conflict.current() != null) {
            throw Failures.alreadyExists(type.resource(), key.name());
          }
          // Something that the object needs was taken by another; the plan takes something else.
          if (attempt == ATTEMPTS) {
            throw plan.failure();
          }
          plan.conflict(object, taken(writes, conflict));
        }
      }
    }
  }

  /**
   * Updates an object.
   *
   * @param mayCreate asked before an object that is not there is created, which it refuses by
   *     throwing; null where none is
   */
  Written update(
      ResourceType type,
      ObjectKey key,
      Part part,
      @Nullable Runnable mayCreate,
      Change change,
      WriteContext context) {
    String storeKey = StoreKeys.key(type.storedResource(), key);
    StoredValue current =
        services
            .cache()
            .cached(type.storedResource(), key)
            .map(found -> new StoredValue(storeKey, found.json(), found.revision()))
            .orElse(null);
    boolean fresh = false;
    if (current == null) {
      current = services.store().get(storeKey).orElse(null);
      fresh = true;
    }
    for (int attempt = 1; ; attempt++) {
      if (current == null) {
        if (mayCreate == null) {
          throw Failures.notFound(type.resource(), key.name());
        }
        mayCreate.run();
        ObjectNode object = change.apply(null);
        checkNew(type, key, object);
        Metadata.of(object).put("name", key.name());
        try {
          return new Written(
              create(type, key.namespace(), object, change.tracksOwners(), context), true);
        } catch (ApiException e) {
          // Somebody else created it meanwhile: now there is something to update.
          current = services.store().get(storeKey).orElse(null);
          fresh = true;
          if (!e.is(StatusReason.ALREADY_EXISTS) || current == null || attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
      try {
        Attempt tried = attempt(type, key, storeKey, part, current, fresh, change, context);
        if (tried.written() != null) {
          return tried.written();
        }
        current = tried.current();
        fresh = true;
      } catch (ApiException e) {
        // What the cache has may be old: what is refused on that ground is tried once more.
        StoredValue now = fresh ? current : services.store().get(storeKey).orElse(null);
        if (now != null && now.revision() == current.revision()) {
          throw e;
        }
        current = now;
        fresh = true;
      }
      if (attempt == ATTEMPTS) {
        throw Failures.modified(type.resource(), key.name());
      }
    }
  }

  /**
   * Changes an object on the server's own account, as a subresource such as a binding asks for:
   * what the object's own path may not touch can be changed.
   *
   * @param change changes the object in place; called again when somebody else was faster
   */
  public CachedObject change(
      ResourceType type,
      ObjectKey key,
      String subresource,
      Consumer<ObjectNode> change,
      WriteContext context) {
    return update(
            type,
            key,
            new Part.Internal(subresource),
            null,
            current -> {
              ObjectNode object = Objects.requireNonNull(current);
              change.accept(object);
              return object;
            },
            context)
        .object();
  }

  /** How an attempt ended: it is written, or this is what is there now (null: nothing). */
  private record Attempt(@Nullable Written written, @Nullable StoredValue current) {}

  private Attempt attempt(
      ResourceType type,
      ObjectKey key,
      String storeKey,
      Part part,
      StoredValue current,
      boolean fresh,
      Change change,
      WriteContext context) {
    ObjectNode old = StoredForm.decode(type, current.bytes(), current.revision());
    ObjectNode object = change.apply(old.deepCopy());
    checkVersion(type, key, object, current.revision());
    Metadata.updated(type, object, old, key);
    Metadata.dedupOwners(object, "", context.warnings());
    type.strategy().fillDefaults(object);
    part.prepare(type, object, old);
    if (!change.tracksOwners() && !(part instanceof Part.Internal)) {
      services.ownership().of(type, part, context).update(old, object);
    }
    AdmissionRequest admission =
        context.admission(Operation.UPDATE, Target.of(type, part.name(), key), object, old);
    ObjectNode given = Metadata.system(object);
    if (services.admission().mutate(admission)) {
      Metadata.restore(object, given);
      Metadata.dedupOwners(object, AFTER_ADMISSION, context.warnings());
      type.strategy().fillDefaults(object);
      part.prepare(type, object, old);
    }
    List<FieldError> errors = new ArrayList<>(MetadataRules.checkChange(type, object, old));
    errors.addAll(part.validate(type, object, old));
    InvalidObject.throwIfAny(type.kind(), key.name(), errors);
    services.admission().validate(admission);
    context.warnings().addAll(type.strategy().warnings(object, old));
    boolean removed = removable(type, object, old);
    if (!removed && Trees.same(object, old) && !services.store().stale(storeKey)) {
      return unchanged(key, storeKey, current, fresh);
    }
    return store(type, key, storeKey, object, old, current, removed, context);
  }

  /** That nothing changes must be true of what is there now; what the cache has may be old. */
  private Attempt unchanged(ObjectKey key, String storeKey, StoredValue current, boolean fresh) {
    StoredValue now = fresh ? current : services.store().get(storeKey).orElse(null);
    return now != null && now.revision() == current.revision()
        ? written(CachedObject.of(key, current.bytes(), current.revision()))
        : new Attempt(null, now);
  }

  private Attempt store(
      ResourceType type,
      ObjectKey key,
      String storeKey,
      ObjectNode object,
      ObjectNode old,
      StoredValue current,
      boolean removed,
      WriteContext context) {
    for (int attempt = 1; ; attempt++) {
      Companions.Plan plan =
          removed
              ? services.companions().delete(type, key, old)
              : services.companions().update(type, key, object, old, attempt);
      byte[] bytes = StoredForm.encode(type, object);
      if (context.dryRun()) {
        return written(CachedObject.of(key, bytes, current.revision()));
      }
      List<StoreWrite> writes = new ArrayList<>();
      writes.add(
          removed
              ? new StoreWrite.Delete(storeKey, current.revision())
              : new StoreWrite.Put(storeKey, current.revision(), bytes, services.lease(type)));
      writes.addAll(plan.writes());
      switch (services.store().commit(writes)) {
        case WriteOutcome.Done done -> {
          return written(CachedObject.of(key, bytes, done.revision()));
        }
        case WriteOutcome.Conflict conflict -> {
          if (conflict.at(0, writes.getFirst())) {
            return new Attempt(null, conflict.current());
          }
          if (attempt == ATTEMPTS) {
            throw plan.failure();
          }
          plan.conflict(object, taken(writes, conflict));
        }
      }
    }
  }

  /** The keys, other than the object's own, that were not in the state that was expected. */
  private static Set<String> taken(List<StoreWrite> writes, WriteOutcome.Conflict conflict) {
    Set<String> taken = new LinkedHashSet<>();
    for (int i = 1; i < writes.size(); i++) {
      if (conflict.at(i, writes.get(i))) {
        taken.add(writes.get(i).key());
      }
    }
    return taken;
  }

  private static Attempt written(CachedObject object) {
    return new Attempt(new Written(object, false), null);
  }

  /** Whether the change lets go of the last thing that kept a deleted object. */
  private static boolean removable(ResourceType type, ObjectNode object, ObjectNode old) {
    return Metadata.deleting(object)
        && !Metadata.hasFinalizers(object)
        && Json.number(old, 0, "metadata", "deletionGracePeriodSeconds") == 0
        && type.strategy().mayBeRemoved(object);
  }

  /** An update that is about one certain object must not create another. */
  private static void checkNew(ResourceType type, ObjectKey key, ObjectNode object) {
    String uid = Json.text(object, "metadata", "uid");
    if (!uid.isEmpty()) {
      throw Failures.conflict(
          type.resource(),
          key.name(),
          "uid mismatch: the provided object specified uid "
              + uid
              + ", and no existing object was found");
    }
    String name = Json.text(object, "metadata", "name");
    if (!name.isEmpty() && !name.equals(key.name())) {
      throw Metadata.otherName(name, key);
    }
    if (!Json.text(object, "metadata", "resourceVersion").isEmpty()) {
      throw Failures.notFound(type.resource(), key.name());
    }
  }

  private static void checkVersion(
      ResourceType type, ObjectKey key, ObjectNode object, long revision) {
    String given = Json.text(object, "metadata", "resourceVersion");
    if (given.isEmpty() || given.equals("0")) {
      if (!type.strategy().mayUpdateUnconditionally()) {
        throw new ApiException(
            InvalidObject.status(
                type.kind(),
                key.name(),
                List.of(
                    FieldError.invalid(
                        "metadata.resourceVersion", 0, "must be specified for an update"))));
      }
      Metadata.of(object).put("resourceVersion", Long.toString(revision));
      return;
    }
    if (!given.equals(Long.toString(revision))) {
      throw Failures.modified(type.resource(), key.name());
    }
  }

  /**
   * What an update did.
   *
   * @param object the object as it is now
   * @param created whether it was not there before
   */
  public record Written(CachedObject object, boolean created) {}
}
