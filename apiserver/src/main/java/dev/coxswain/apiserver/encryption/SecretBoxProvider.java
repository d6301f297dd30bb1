package dev.coxswain.apiserver.encryption;

import dev.coxswain.runtime.time.Randomness;
import java.security.GeneralSecurityException;
import java.util.Arrays;

/** A secret box: the prefix, the nonce, and the box, as upstream lays it out. */
final class SecretBoxProvider implements Provider {
  private final Prefix prefix;
  private final byte[] key;
  private final Randomness randomness;

  /**
   * Boxes that are locked with a key.
   *
   * @param key of 32 bytes
   */
  SecretBoxProvider(String keyName, byte[] key, Randomness randomness) {
    this.prefix = Prefix.of(ENCRYPTED + "secretbox:v1:" + keyName + ":");
    this.key = key.clone();
    this.randomness = randomness;
  }

  @Override
  public boolean wrote(byte[] stored) {
    return prefix.begins(stored);
  }

  @Override
  public byte[] decrypt(byte[] stored, String path) throws GeneralSecurityException {
    int box = prefix.length() + SecretBox.NONCE;
    if (stored.length < box) {
      throw new GeneralSecurityException("the stored value is too short");
    }
    return SecretBox.open(
        Arrays.copyOfRange(stored, box, stored.length),
        Arrays.copyOfRange(stored, prefix.length(), box),
        key);
  }

  @Override
  public byte[] encrypt(byte[] plain, String path) {
    byte[] nonce = Nonce.of(SecretBox.NONCE, randomness);
    byte[] box = SecretBox.seal(plain, nonce, key);
    byte[] stored = new byte[prefix.length() + nonce.length + box.length];
    System.arraycopy(prefix.bytes(), 0, stored, 0, prefix.length());
    System.arraycopy(nonce, 0, stored, prefix.length(), nonce.length);
    System.arraycopy(box, 0, stored, prefix.length() + nonce.length, box.length);
    return stored;
  }
}
