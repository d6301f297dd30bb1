package dev.coxswain.store.history;

import java.util.List;

/** What came of a call. */
public sealed interface Answer {
  /** Written, if there was anything to change, and what the changed keys held before. */
  record Written(long revision, List<Entry> before) implements Answer {}

  /** A guard did not hold; what the guarded keys hold. */
  record Withheld(long revision, List<Entry> guarded) implements Answer {}

  /** What a read found, in key order. */
  record Found(long revision, List<Entry> entries) implements Answer {}

  /** The store says that it has not done it and never will. */
  record Refused(String reason) implements Answer {}

  /** No answer, or one that leaves open whether it was done. */
  record Unknown(String reason) implements Answer {}
}
