package dev.coxswain.controllers.garbage;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.runtime.client.ServedResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;

/**
 * As much of an object as the collector keeps.
 *
 * @param uid its identity
 * @param resource its kind as discovery tells of it
 * @param key its name
 * @param owners whose it is
 * @param fate what is to become of it
 */
record Owned(String uid, ServedResource resource, ObjectKey key, List<Owner> owners, Fate fate) {
  static final String FOREGROUND = "foregroundDeletion";
  static final String ORPHAN = "orphan";

  /**
   * One owner.
   *
   * @param blocks whether the owner must not go before this object, when it goes in the foreground
   */
  record Owner(String uid, String apiVersion, String kind, String name, boolean blocks) {}

  /** What is to become of an object. */
  enum Fate {
    /** Nobody deletes it. */
    STAYS,
    /** Its deletion has begun and is not the collector's business. */
    GOES,
    /** It goes once those who block it have gone. */
    GOES_AFTER_DEPENDENTS,
    /** It goes once its dependents have been told that they have no owner. */
    GOES_LEAVING_ORPHANS
  }

  static Owned of(HasMetadata object, ServedResource resource) {
    List<Owner> owners =
        Owners.of(object).stream()
            .map(owner ->
                new Owner(
                    owner.getUid(),
                    owner.getApiVersion(),
                    owner.getKind(),
                    owner.getName(),
                    Boolean.TRUE.equals(owner.getBlockOwnerDeletion())))
            .toList();
    return new Owned(Meta.uid(object), resource, Meta.key(object), owners, fate(object));
  }

  /** Whether by where both are it can own the other: owners are in its namespace, or in none. */
  boolean mayOwn(Owned other) {
    return key.namespace().isEmpty()
        || other.key.namespace().isEmpty()
        || key.namespace().equals(other.key.namespace());
  }

  boolean ownedBy(String ownerUid) {
    return owners.stream().anyMatch(owner -> owner.uid().equals(ownerUid));
  }

  boolean blocks(String ownerUid) {
    return owners.stream().anyMatch(owner -> owner.uid().equals(ownerUid) && owner.blocks());
  }

  private static Fate fate(HasMetadata object) {
    if (!Meta.deleting(object)) {
      return Fate.STAYS;
    }
    if (Meta.finalizers(object).contains(ORPHAN)) {
      return Fate.GOES_LEAVING_ORPHANS;
    }
    return Meta.finalizers(object).contains(FOREGROUND) ? Fate.GOES_AFTER_DEPENDENTS : Fate.GOES;
  }
}
