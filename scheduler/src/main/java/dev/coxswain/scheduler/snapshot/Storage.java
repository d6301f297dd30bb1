package dev.coxswain.scheduler.snapshot;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.scheduler.model.StorageObject;
import dev.coxswain.scheduler.model.StorageObject.Attachment;
import dev.coxswain.scheduler.model.StorageObject.Claim;
import dev.coxswain.scheduler.model.StorageObject.ProvisioningClass;
import dev.coxswain.scheduler.model.StorageObject.Volume;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Claims, volumes and what decides about them. Belongs to the scheduling thread. */
public final class Storage {
  private final Map<Class<? extends StorageObject>, Map<ObjectKey, StorageObject>> tables =
      new HashMap<>();

  /** Volumes that a claim may still get, by class: most volumes have their claim. */
  private final Map<String, Map<ObjectKey, Volume>> open = new HashMap<>();

  private final Map<String, Map<ObjectKey, Attachment>> attachments = new HashMap<>();
  private final Reservations reservations = new Reservations();

  /** Takes over an object's new state; whether it differs from the former one. */
  public boolean put(StorageObject object) {
    StorageObject before = table(object.getClass()).put(object.key(), object);
    if (object.equals(before)) {
      return false;
    }
    if (before != null) {
      unindex(before);
    }
    index(object);
    return true;
  }

  /** Forgets an object. */
  public void remove(StorageObject object) {
    StorageObject before = table(object.getClass()).remove(object.key());
    if (before != null) {
      unindex(before);
      if (before instanceof Claim) {
        reservations.settle(before.key());
      }
    }
  }

  private Map<ObjectKey, StorageObject> table(Class<? extends StorageObject> kind) {
    return tables.computeIfAbsent(kind, absent -> new HashMap<>());
  }

  private void index(StorageObject object) {
    if (object instanceof Volume volume && volume.open()) {
      open.computeIfAbsent(volume.storageClass(), absent -> new HashMap<>())
          .put(volume.key(), volume);
    } else if (object instanceof Attachment attachment) {
      attachments
          .computeIfAbsent(attachment.node(), absent -> new HashMap<>())
          .put(attachment.key(), attachment);
    } else if (object instanceof Claim claim && claim.settled()) {
      reservations.settle(claim.key());
    }
  }

  private void unindex(StorageObject object) {
    if (object instanceof Volume volume) {
      drop(open, volume.storageClass(), volume.key());
    } else if (object instanceof Attachment attachment) {
      drop(attachments, attachment.node(), attachment.key());
    }
  }

  private static <T> void drop(
      Map<String, Map<ObjectKey, T>> index, String value, ObjectKey object) {
    index.computeIfPresent(
        value,
        (same, objects) -> {
          objects.remove(object);
          return objects.isEmpty() ? null : objects;
        });
  }

  /** An object of a kind. */
  public <T extends StorageObject> Optional<T> find(Class<T> kind, ObjectKey key) {
    return Optional.ofNullable(table(kind).get(key)).map(kind::cast);
  }

  /** An object of a kind without namespaces. */
  public <T extends StorageObject> Optional<T> find(Class<T> kind, String name) {
    return find(kind, ObjectKey.cluster(name));
  }

  /** All objects of a kind. */
  public <T extends StorageObject> Collection<T> all(Class<T> kind) {
    return table(kind).values().stream().map(kind::cast).toList();
  }

  /** The volumes of a class that a claim may still get. */
  public Collection<Volume> open(String storageClass) {
    return Collections.unmodifiableCollection(open.getOrDefault(storageClass, Map.of()).values());
  }

  /** What is attached to a node. */
  public Collection<Attachment> attachedTo(String node) {
    return Collections.unmodifiableCollection(attachments.getOrDefault(node, Map.of()).values());
  }

  /** The class of a claim. */
  public Optional<ProvisioningClass> classOf(Claim claim) {
    return find(ProvisioningClass.class, claim.storageClass());
  }

  /** The volume of a claim. */
  public Optional<Volume> volumeOf(Claim claim) {
    return find(Volume.class, claim.volume());
  }

  /** What pods under way will do to claims. */
  public Reservations reservations() {
    return reservations;
  }
}
