package dev.coxswain.store.machine;

import dev.coxswain.proto.etcd.Member;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/** The cluster's members as replicated, and the identities that may never return. */
public final class Members {
  private final ConcurrentSkipListMap<Long, Member> members =
      new ConcurrentSkipListMap<>(Long::compareUnsigned);
  private final ConcurrentSkipListSet<Long> removed = new ConcurrentSkipListSet<>();

  /** All members, by identity. */
  public List<Member> all() {
    return new ArrayList<>(members.values());
  }

  /** A member by its identity. */
  public @Nullable Member find(long id) {
    return members.get(id);
  }

  /** Whether this identity was removed. */
  public boolean wasRemoved(long id) {
    return removed.contains(id);
  }

  /** Identities that were removed. */
  public Collection<Long> removedIds() {
    return List.copyOf(removed);
  }

  /** Adds or replaces a member. */
  public void set(Member member) {
    members.put(member.getID(), member);
  }

  /** Removes a member for good. */
  public void remove(long id) {
    members.remove(id);
    markRemoved(id);
  }

  /** Notes an identity as gone for good. */
  public void markRemoved(long id) {
    removed.add(id);
  }
}
