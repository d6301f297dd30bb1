package dev.coxswain.apiserver.encryption;

import dev.coxswain.runtime.time.Randomness;
import java.nio.ByteBuffer;

/** Bytes that are used once. */
final class Nonce {
  private Nonce() {}

  /** So many random bytes. */
  static byte[] of(int length, Randomness randomness) {
    ByteBuffer bits = ByteBuffer.allocate((length + Long.BYTES - 1) / Long.BYTES * Long.BYTES);
    while (bits.hasRemaining()) {
      bits.putLong(randomness.bits());
    }
    byte[] nonce = new byte[length];
    bits.flip().get(nonce);
    return nonce;
  }
}
