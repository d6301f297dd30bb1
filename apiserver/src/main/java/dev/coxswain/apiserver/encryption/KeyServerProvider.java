package dev.coxswain.apiserver.encryption;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.coxswain.proto.kms.EncryptedObject;
import dev.coxswain.proto.kms.SourceType;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Values under keys that a key server's key encrypts (KMS v2). The server is asked when this
 * process starts and when its key changes, not for each value: each value has a key of its own that
 * follows from a seed, which is stored encrypted beside it. The layout is upstream's.
 */
final class KeyServerProvider implements Provider {
  private static final Logger log = LoggerFactory.getLogger(KeyServerProvider.class);

  private static final int SEED = 32;
  private static final int NUMBER = 32;
  private static final int VECTOR = 12;
  private static final int TAG_BITS = 128;
  private static final String KEYS = "AES";

  /** How often the server is asked whether its key has changed. */
  private static final Duration PERIOD = Duration.ofSeconds(10);

  /** How long a server that was well is taken to be. */
  private static final Duration WELL_FOR = Duration.ofMinutes(1);

  /** How long values are encrypted without a word from the server. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** How many seeds that were decrypted are kept. */
  private static final int MAXIMUM_SEEDS = 1_000;

  private final Prefix prefix;
  private final KeyServer server;
  private final Time time;
  private final Randomness randomness;
  private final LinkedHashMap<ByteString, byte[]> seeds = new LinkedHashMap<>(16, 0.75f, true);
  private @Nullable Seed current;
  private long asked;
  private @Nullable Word word;

  /**
   * What is encrypted with now.
   *
   * @param frame everything of a stored value but the value
   * @param confirmed when the server last said that its key is still this, by the monotonic clock
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Seed(byte[] bytes, EncryptedObject frame, long confirmed) {}

  /** What the server said of itself, and when. */
  private record Word(long said, Optional<String> problem) {}

  KeyServerProvider(String name, KeyServer server, Time time, Randomness randomness) {
    this.prefix = Prefix.of(ENCRYPTED + "kms:v2:" + name + ":");
    this.server = server;
    this.time = time;
    this.randomness = randomness;
  }

  @Override
  public boolean wrote(byte[] stored) {
    return prefix.begins(stored);
  }

  @Override
  public byte[] encrypt(byte[] plain, String path) throws GeneralSecurityException {
    Seed seed = seed();
    byte[] number = Nonce.of(NUMBER, randomness);
    byte[] vector = Nonce.of(VECTOR, randomness);
    byte[] body =
        cipher(Cipher.ENCRYPT_MODE, derived(seed.bytes(), number), vector, path).doFinal(plain);
    ByteString data =
        ByteString.copyFrom(number)
            .concat(ByteString.copyFrom(vector))
            .concat(ByteString.copyFrom(body));
    byte[] frame = seed.frame().toBuilder().setEncryptedData(data).build().toByteArray();
    byte[] stored = Arrays.copyOf(prefix.bytes(), prefix.length() + frame.length);
    System.arraycopy(frame, 0, stored, prefix.length(), frame.length);
    return stored;
  }

  @Override
  public byte[] decrypt(byte[] stored, String path) throws GeneralSecurityException {
    EncryptedObject frame;
    try {
      frame = EncryptedObject.parseFrom(Arrays.copyOfRange(stored, prefix.length(), stored.length));
    } catch (InvalidProtocolBufferException e) {
      throw new GeneralSecurityException("the stored value is malformed", e);
    }
    byte[] data = frame.getEncryptedData().toByteArray();
    int numbered =
        switch (frame.getSourceType()) {
          case AES_GCM_KEY -> 0;
          case HKDF_SHA256_XNONCE_AES_GCM_SEED -> NUMBER;
          case UNRECOGNIZED ->
              throw new GeneralSecurityException("the stored value is of an unknown type");
        };
    int body = numbered + VECTOR;
    if (data.length < body) {
      throw new GeneralSecurityException("the stored value is too short");
    }
    byte[] source = source(frame);
    SecretKey key =
        numbered == 0
            ? new SecretKeySpec(source, KEYS)
            : derived(source, Arrays.copyOf(data, NUMBER));
    return cipher(Cipher.DECRYPT_MODE, key, Arrays.copyOfRange(data, numbered, body), path)
        .doFinal(data, body, data.length - body);
  }

  /** The key of one value. */
  private static SecretKey derived(byte[] seed, byte[] number) throws GeneralSecurityException {
    return KDF.getInstance("HKDF-SHA256")
        .deriveKey(
            KEYS, HKDFParameterSpec.expandOnly(new SecretKeySpec(seed, "Generic"), number, SEED));
  }

  private static Cipher cipher(int operation, SecretKey key, byte[] vector, String path)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(operation, key, new GCMParameterSpec(TAG_BITS, vector));
    cipher.updateAAD(path.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }

  /** What is encrypted with now; the server is asked where its last word is old. */
  private synchronized Seed seed() throws GeneralSecurityException {
    Seed had = current;
    long now = time.nanos();
    if (had != null && now - asked < PERIOD.toNanos()) {
      return confirmed(had, now);
    }
    asked = now;
    try {
      String key = server.key();
      if (had != null && had.frame().getKeyId().equals(key)) {
        current = new Seed(had.bytes(), had.frame(), now);
        return current;
      }
      byte[] bytes = Nonce.of(SEED, randomness);
      EncryptedObject frame =
          server.encrypt(bytes, randomness.uuid()).toBuilder()
              .setSourceType(SourceType.HKDF_SHA256_XNONCE_AES_GCM_SEED)
              .build();
      keep(frame.getEncryptedSource(), bytes);
      current = new Seed(bytes, frame, now);
      log.info("values are encrypted with the key {} of a key server", frame.getKeyId());
      return current;
    } catch (GeneralSecurityException e) {
      if (had == null) {
        throw e;
      }
      log.warn("{}; the key that it had is used for the time being", e.getMessage());
      return confirmed(had, now);
    }
  }

  private static Seed confirmed(Seed seed, long now) throws GeneralSecurityException {
    if (now - seed.confirmed() > PATIENCE.toNanos()) {
      throw new GeneralSecurityException(
          "the key server has not answered for longer than " + PATIENCE.toMinutes() + " minutes");
    }
    return seed;
  }

  /**
   * What is wrong with the server; empty where nothing is. It is asked where what it said last is
   * old.
   */
  synchronized Optional<String> problem() {
    long now = time.nanos();
    Word last = word;
    if (last != null
        && now - last.said() < (last.problem().isEmpty() ? WELL_FOR : PERIOD).toNanos()) {
      return last.problem();
    }
    Optional<String> problem = Optional.empty();
    try {
      server.key();
    } catch (GeneralSecurityException e) {
      problem = Optional.of(String.valueOf(e.getMessage()));
    }
    word = new Word(now, problem);
    return problem;
  }

  /** Ends the connection to the server, which nobody asks any more. */
  void close() {
    server.close();
  }

  private byte[] source(EncryptedObject frame) throws GeneralSecurityException {
    ByteString encrypted = frame.getEncryptedSource();
    synchronized (seeds) {
      byte[] known = seeds.get(encrypted);
      if (known != null) {
        return known;
      }
    }
    byte[] source = server.decrypt(frame, randomness.uuid());
    keep(encrypted, source);
    return source;
  }

  private void keep(ByteString encrypted, byte[] source) {
    synchronized (seeds) {
      seeds.put(encrypted, source);
      if (seeds.size() > MAXIMUM_SEEDS) {
        seeds.pollFirstEntry();
      }
    }
  }
}
