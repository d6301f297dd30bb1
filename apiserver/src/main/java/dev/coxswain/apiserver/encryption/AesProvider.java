package dev.coxswain.apiserver.encryption;

import dev.coxswain.runtime.time.Randomness;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;

/**
 * AES in one of its modes. A stored value is the prefix, the initialization vector, and what the
 * cipher makes of the value, as upstream lays it out.
 */
final class AesProvider implements Provider {
  private static final int TAG_BITS = 128;

  private final Mode mode;
  private final Prefix prefix;
  private final SecretKey key;
  private final Randomness randomness;

  /** How blocks are chained. */
  enum Mode {
    /** Also proves that the value was written with the key, and for its path. */
    GCM("aesgcm", "AES/GCM/NoPadding", 12),
    /** Hides the value, and no more. */
    CBC("aescbc", "AES/CBC/PKCS5Padding", 16);

    private final String name;
    private final String transformation;
    private final int vector;

    Mode(String name, String transformation, int vector) {
      this.name = name;
      this.transformation = transformation;
      this.vector = vector;
    }
  }

  AesProvider(Mode mode, String keyName, SecretKey key, Randomness randomness) {
    this.mode = mode;
    this.prefix = Prefix.of(ENCRYPTED + mode.name + ":v1:" + keyName + ":");
    this.key = key;
    this.randomness = randomness;
  }

  @Override
  public boolean wrote(byte[] stored) {
    return prefix.begins(stored);
  }

  private Cipher cipher(int operation, byte[] vector, String path) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(mode.transformation);
    AlgorithmParameterSpec parameters =
        switch (mode) {
          case GCM -> new GCMParameterSpec(TAG_BITS, vector);
          case CBC -> new IvParameterSpec(vector);
        };
    cipher.init(operation, key, parameters);
    if (mode == Mode.GCM) {
      cipher.updateAAD(path.getBytes(StandardCharsets.UTF_8));
    }
    return cipher;
  }

  @Override
  public byte[] decrypt(byte[] stored, String path) throws GeneralSecurityException {
    int body = prefix.length() + mode.vector;
    if (stored.length < body) {
      throw new GeneralSecurityException("the stored value is too short");
    }
    byte[] vector = new byte[mode.vector];
    System.arraycopy(stored, prefix.length(), vector, 0, vector.length);
    return cipher(Cipher.DECRYPT_MODE, vector, path).doFinal(stored, body, stored.length - body);
  }

  @Override
  public byte[] encrypt(byte[] plain, String path) throws GeneralSecurityException {
    byte[] vector = Nonce.of(mode.vector, randomness);
    Cipher cipher = cipher(Cipher.ENCRYPT_MODE, vector, path);
    int body = prefix.length() + vector.length;
    byte[] stored = new byte[body + cipher.getOutputSize(plain.length)];
    System.arraycopy(prefix.bytes(), 0, stored, 0, prefix.length());
    System.arraycopy(vector, 0, stored, prefix.length(), vector.length);
    int length = cipher.doFinal(plain, 0, plain.length, stored, body);
    if (body + length != stored.length) {
      throw new GeneralSecurityException("the cipher's length is not what it said");
    }
    return stored;
  }
}
