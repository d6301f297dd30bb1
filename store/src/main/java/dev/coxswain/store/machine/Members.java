package dev.coxswain.store.machine;

import dev.coxswain.proto.etcd.Member;
import dev.coxswain.store.error.StoreError;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
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

  /** Puts a member as a snapshot has it. */
  public void set(Member member) {
    members.put(member.getID(), member);
  }

  /** A founder, or what a member says of itself: name and client URLs. */
  void introduce(Member member) {
    if (removed.contains(member.getID())) {
      throw StoreError.MEMBER_NOT_FOUND.exception();
    }
    Member known = members.get(member.getID());
    if (known == null) {
      members.put(member.getID(), member);
    } else if (member.getClientURLsCount() > 0) {
      // Whoever writes the founders down does not know for sure what they call themselves.
      members.put(
          member.getID(),
          known.toBuilder()
              .setName(member.getName())
              .clearClientURLs()
              .addAllClientURLs(member.getClientURLsList())
              .build());
    }
  }

  /** Lists a newcomer. */
  void add(Member member) {
    if (members.containsKey(member.getID()) || removed.contains(member.getID())) {
      throw StoreError.MEMBER_EXISTS.exception();
    }
    checkUrls(member);
    if (member.getIsLearner() && members.values().stream().anyMatch(Member::getIsLearner)) {
      throw StoreError.TOO_MANY_LEARNERS.exception();
    }
    members.put(member.getID(), member);
  }

  /** Changes where peers reach a member. */
  void move(Member member) {
    Member known = known(member.getID());
    checkUrls(member);
    members.put(
        member.getID(),
        known.toBuilder().clearPeerURLs().addAllPeerURLs(member.getPeerURLsList()).build());
  }

  /** Makes a learner a voter. */
  void promote(long id) {
    Member known = known(id);
    if (!known.getIsLearner()) {
      throw StoreError.MEMBER_NOT_LEARNER.exception();
    }
    members.put(id, known.toBuilder().setIsLearner(false).build());
  }

  /** Removes a member for good. */
  void remove(long id) {
    members.remove(known(id).getID());
    markRemoved(id);
  }

  private Member known(long id) {
    Member known = members.get(id);
    if (known == null) {
      throw StoreError.MEMBER_NOT_FOUND.exception();
    }
    return known;
  }

  private void checkUrls(Member member) {
    for (Member other : members.values()) {
      if (other.getID() != member.getID()
          && !Collections.disjoint(other.getPeerURLsList(), member.getPeerURLsList())) {
        throw StoreError.PEER_URL_EXISTS.exception();
      }
    }
  }

  /** Notes an identity as gone for good. */
  public void markRemoved(long id) {
    removed.add(id);
  }
}
