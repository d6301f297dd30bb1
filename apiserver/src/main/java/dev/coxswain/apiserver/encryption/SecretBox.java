package dev.coxswain.apiserver.encryption;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * XSalsa20 with Poly1305, as NaCl's {@code secretbox} has it, which the JDK has not. The state of
 * the cipher is a square of sixteen words, each column and each row mixed in turn.
 */
final class SecretBox {
  static final int KEY = 32;
  static final int NONCE = 24;
  static final int TAG = 16;

  private static final int ROUNDS = 20;
  private static final int BLOCK = 64;

  /** The constant words, "expand 32-byte k", and where they stand. */
  private static final int[] SIGMA = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

  /** Where an output of HSalsa20 is read. */
  private static final int[] SUBKEY = {0, 5, 10, 15, 6, 7, 8, 9};

  private SecretBox() {}

  /** The tag and what the cipher makes of a text. */
  static byte[] seal(byte[] text, byte[] nonce, byte[] key) {
    Stream stream = new Stream(key, nonce);
    byte[] authenticator = stream.authenticator();
    byte[] sealed = new byte[TAG + text.length];
    System.arraycopy(text, 0, sealed, TAG, text.length);
    stream.mix(sealed, TAG);
    byte[] tag = Poly1305.tag(authenticator, sealed, TAG);
    System.arraycopy(tag, 0, sealed, 0, TAG);
    return sealed;
  }

  /**
   * The text of a box.
   *
   * @throws GeneralSecurityException where nobody with the key has sealed it
   */
  static byte[] open(byte[] sealed, byte[] nonce, byte[] key) throws GeneralSecurityException {
    if (sealed.length < TAG) {
      throw new GeneralSecurityException("the stored value is too short");
    }
    Stream stream = new Stream(key, nonce);
    byte[] tag = Poly1305.tag(stream.authenticator(), sealed, TAG);
    if (!MessageDigest.isEqual(tag, Arrays.copyOf(sealed, TAG))) {
      throw new GeneralSecurityException("the tag does not match");
    }
    byte[] text = sealed.clone();
    stream.mix(text, TAG);
    return Arrays.copyOfRange(text, TAG, text.length);
  }

  /** The bytes that a text is mixed with; the first of them are the authenticator's key. */
  private static final class Stream {
    private final int[] input;
    private final byte[] block = new byte[BLOCK];
    private int used = BLOCK;
    private long counter;

    Stream(byte[] key, byte[] nonce) {
      int[] number = words(nonce);
      int[] mixed = state(words(key), Arrays.copyOf(number, 4));
      rounds(mixed);
      int[] subkey = new int[SUBKEY.length];
      for (int i = 0; i < subkey.length; i++) {
        subkey[i] = mixed[SUBKEY[i]];
      }
      this.input = state(subkey, new int[] {number[4], number[5], 0, 0});
    }

    byte[] authenticator() {
      byte[] zeros = new byte[KEY];
      mix(zeros, 0);
      return zeros;
    }

    /** Mixes the bytes from an offset on with the next of the stream. */
    void mix(byte[] bytes, int offset) {
      for (int i = offset; i < bytes.length; i++) {
        if (used == BLOCK) {
          next();
        }
        bytes[i] ^= block[used++];
      }
    }

    private void next() {
      input[8] = (int) counter;
      input[9] = (int) (counter >>> 32);
      counter++;
      int[] mixed = input.clone();
      rounds(mixed);
      ByteBuffer out = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < mixed.length; i++) {
        out.putInt(mixed[i] + input[i]);
      }
      used = 0;
    }
  }

  private static int[] words(byte[] bytes) {
    IntBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    int[] result = new int[words.remaining()];
    words.get(result);
    return result;
  }

  private static int[] state(int[] key, int[] number) {
    return new int[] {
      SIGMA[0], key[0], key[1], key[2],
      key[3], SIGMA[1], number[0], number[1],
      number[2], number[3], SIGMA[2], key[4],
      key[5], key[6], key[7], SIGMA[3]
    };
  }

  private static void rounds(int[] x) {
    for (int round = 0; round < ROUNDS; round += 2) {
      quarter(x, 0, 4, 8, 12);
      quarter(x, 5, 9, 13, 1);
      quarter(x, 10, 14, 2, 6);
      quarter(x, 15, 3, 7, 11);
      quarter(x, 0, 1, 2, 3);
      quarter(x, 5, 6, 7, 4);
      quarter(x, 10, 11, 8, 9);
      quarter(x, 15, 12, 13, 14);
    }
  }

  private static void quarter(int[] x, int a, int b, int c, int d) {
    x[b] ^= Integer.rotateLeft(x[a] + x[d], 7);
    x[c] ^= Integer.rotateLeft(x[b] + x[a], 9);
    x[d] ^= Integer.rotateLeft(x[c] + x[b], 13);
    x[a] ^= Integer.rotateLeft(x[d] + x[c], 18);
  }
}
