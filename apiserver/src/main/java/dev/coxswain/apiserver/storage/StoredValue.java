package dev.coxswain.apiserver.storage;

/**
 * One object as the store holds it.
 *
 * @param key the whole key
 * @param bytes the object as JSON, without its resourceVersion; not to be changed
 * @param revision the revision of its last change, which is its resourceVersion
 */
@SuppressWarnings("ArrayRecordComponent") // Shared, never compared: copying is what it avoids.
public record StoredValue(String key, byte[] bytes, long revision) {

  /** The key and the revision: the value may be a secret. */
  @Override
  public String toString() {
    return key + "@" + revision + " (" + bytes.length + " bytes)";
  }
}
