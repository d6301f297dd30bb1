package dev.coxswain.apiserver.encryption;

import java.security.GeneralSecurityException;

/** One way to keep values, with one key. */
interface Provider {
  /** What everything begins with that any provider but {@link Identity} wrote. */
  String ENCRYPTED = "k8s:enc:";

  /** Whether this provider wrote the stored bytes. */
  boolean wrote(byte[] stored);

  /**
   * Makes stored bytes readable.
   *
   * @param path the value's key in the store, which an authenticated value is bound to
   * @throws GeneralSecurityException where they are not what was written, or not at this path
   */
  byte[] decrypt(byte[] stored, String path) throws GeneralSecurityException;

  /** Makes bytes that are fit to be stored. */
  byte[] encrypt(byte[] plain, String path) throws GeneralSecurityException;

  /** Keeps values as they are. */
  record Identity() implements Provider {
    @Override
    public boolean wrote(byte[] stored) {
      return !Prefix.of(ENCRYPTED).begins(stored);
    }

    @Override
    public byte[] decrypt(byte[] stored, String path) {
      return stored;
    }

    @Override
    public byte[] encrypt(byte[] plain, String path) {
      return plain;
    }
  }
}
