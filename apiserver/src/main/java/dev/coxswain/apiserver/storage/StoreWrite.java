package dev.coxswain.apiserver.storage;

/** One change within a transaction, made only when its key is in the state that it expects. */
public sealed interface StoreWrite {
  /** Any state will do. */
  long ANY = -1;

  /** The key does not exist. */
  long ABSENT = 0;

  /** The key. */
  String key();

  /** The revision that the key's value must have; or {@link #ABSENT} or {@link #ANY}. */
  long expected();

  /**
   * Creates or replaces a value.
   *
   * @param bytes the value; not to be changed
   * @param lease what removes it in time; 0 keeps it
   */
  @SuppressWarnings("ArrayRecordComponent") // Shared, never compared.
  record Put(String key, long expected, byte[] bytes, long lease) implements StoreWrite {}

  /** Deletes a value. */
  record Delete(String key, long expected) implements StoreWrite {}

  /** Changes nothing: the others are made only while this key is in the state that is expected. */
  record Check(String key, long expected) implements StoreWrite {}
}
