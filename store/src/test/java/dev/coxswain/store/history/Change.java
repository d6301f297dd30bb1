package dev.coxswain.store.history;

/** One change that a write asks for. */
public sealed interface Change {
  /** The key it is about. */
  String key();

  /** Sets a key; every value in a history is written by one call only. */
  record Put(String key, String value, long lease) implements Change {}

  /** Removes a key, if it is there. */
  record Delete(String key) implements Change {}
}
