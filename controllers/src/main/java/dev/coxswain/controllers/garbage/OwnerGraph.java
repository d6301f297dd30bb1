package dev.coxswain.controllers.garbage;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.controllers.garbage.Owned.Fate;
import dev.coxswain.controllers.garbage.Owned.Owner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Who owns whom, as the watches tell it. Holds every object that has owners, is an owner, or may
 * become one: as many as the cluster has, each in as few bytes as will do. Thread-safe.
 */
final class OwnerGraph {
  private final Map<String, Owned> objects = new HashMap<>();
  private final Map<String, Set<String>> dependents = new HashMap<>();

  /** Takes in an object's state and gives the uids to look at because of it. */
  synchronized Set<String> put(Owned object) {
    Owned before = objects.put(object.uid(), object);
    var look = new LinkedHashSet<String>();
    if (before != null) {
      unlink(before);
      // An owner that waits for its dependents may have one less to wait for.
      for (Owner owner : before.owners()) {
        if (!object.blocks(owner.uid()) && waits(owner.uid())) {
          look.add(owner.uid());
        }
      }
    }
    for (Owner owner : object.owners()) {
      dependents.computeIfAbsent(owner.uid(), uid -> new LinkedHashSet<>()).add(object.uid());
    }
    if (suspicious(object)) {
      look.add(object.uid());
    }
    return look;
  }

  /** Forgets an object that is gone and gives the uids to look at because of it. */
  synchronized Set<String> remove(String uid) {
    Owned gone = objects.remove(uid);
    var look = new LinkedHashSet<>(dependents.getOrDefault(uid, Set.of()));
    if (gone != null) {
      unlink(gone);
      gone.owners().stream().map(Owner::uid).filter(this::waits).forEach(look::add);
    }
    return look;
  }

  synchronized Optional<Owned> find(String uid) {
    return Optional.ofNullable(objects.get(uid));
  }

  synchronized List<Owned> dependents(String uid) {
    var found = new ArrayList<Owned>();
    for (String dependent : dependents.getOrDefault(uid, Set.of())) {
      Owned object = objects.get(dependent);
      if (object != null) {
        found.add(object);
      }
    }
    return found;
  }

  /** The object, if by all that is known by now it is still worth a look. */
  synchronized Optional<Owned> suspect(String uid) {
    return Optional.ofNullable(objects.get(uid)).filter(this::suspicious);
  }

  /** The resources of which objects are held. */
  synchronized Set<String> uidsOf(GroupResource resource) {
    var uids = new LinkedHashSet<String>();
    for (Owned object : objects.values()) {
      if (Objects.equals(object.resource().resource(), resource)) {
        uids.add(object.uid());
      }
    }
    return uids;
  }

  private boolean suspicious(Owned object) {
    return switch (object.fate()) {
      case GOES_AFTER_DEPENDENTS, GOES_LEAVING_ORPHANS -> true;
      case GOES -> false;
      case STAYS ->
          object.owners().stream().anyMatch(owner -> !isThere(owner, object) || waits(owner.uid()));
    };
  }

  private boolean isThere(Owner owner, Owned object) {
    Owned found = objects.get(owner.uid());
    return found != null && found.mayOwn(object);
  }

  private boolean waits(String uid) {
    Owned object = objects.get(uid);
    return object != null && object.fate() == Fate.GOES_AFTER_DEPENDENTS;
  }

  private void unlink(Owned object) {
    for (Owner owner : object.owners()) {
      dependents.computeIfPresent(
          owner.uid(),
          (uid, others) -> {
            others.remove(object.uid());
            return others.isEmpty() ? null : others;
          });
    }
  }
}
