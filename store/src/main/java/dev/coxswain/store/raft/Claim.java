package dev.coxswain.store.raft;

import dev.coxswain.store.machine.Members;

/** What a member that asks to be let in is to this cluster. */
enum Claim {
  /** It was removed, and its identity may never return. */
  REMOVED,
  /** It takes part already; there is nothing to do. */
  TAKES_PART,
  /** It was added and is awaited. */
  AWAITED,
  /**
   * Nobody has heard of it: which is no proof that it was removed, and it must not be told so. It
   * would believe that for good.
   */
  UNKNOWN;

  /**
   * Judges by the members as decided and by who takes part. The founders of a cluster take part
   * before its first leader has written them down.
   */
  static Claim of(long id, Members members, boolean takesPart) {
    if (members.wasRemoved(id)) {
      return REMOVED;
    }
    if (takesPart) {
      return TAKES_PART;
    }
    return members.find(id) == null ? UNKNOWN : AWAITED;
  }
}
