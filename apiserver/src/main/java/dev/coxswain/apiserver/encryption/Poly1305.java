package dev.coxswain.apiserver.encryption;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The one-time authenticator Poly1305 (RFC 8439), which the JDK has only within a cipher. Numbers
 * modulo 2^130 - 5 are kept as five limbs of 26 bits, so that it takes the same time whatever they
 * are.
 */
final class Poly1305 {
  private static final int LIMBS = 5;
  private static final int BITS = 26;
  private static final long MASK = (1L << BITS) - 1;
  private static final int BLOCK = 16;

  private final long[] factor;
  private final long[] sum = new long[LIMBS];

  private Poly1305(byte[] key) {
    byte[] r = new byte[BLOCK + 1];
    System.arraycopy(key, 0, r, 0, BLOCK);
    for (int i = 3; i < BLOCK; i += 4) {
      r[i] &= 0x0f;
      r[i + 1] &= i + 1 < BLOCK ? (byte) 0xfc : 0;
    }
    this.factor = limbs(r);
  }

  /** The tag of the bytes from an offset on, under a key of 32 bytes that is used once. */
  static byte[] tag(byte[] key, byte[] bytes, int offset) {
    Poly1305 state = new Poly1305(key);
    for (int at = offset; at < bytes.length; at += BLOCK) {
      byte[] block = new byte[BLOCK + 1];
      int length = Math.min(BLOCK, bytes.length - at);
      System.arraycopy(bytes, at, block, 0, length);
      block[length] = 1;
      state.add(limbs(block));
    }
    return state.finish(key);
  }

  /** A number of 17 bytes, the lowest first. */
  private static long[] limbs(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long low = in.getLong(0);
    long high = in.getLong(8);
    return new long[] {
      low & MASK,
      (low >>> 26) & MASK,
      ((low >>> 52) | (high << 12)) & MASK,
      (high >>> 14) & MASK,
      (high >>> 40) | ((long) bytes[BLOCK] << 24)
    };
  }

  /** Adds a block and multiplies. */
  private void add(long[] block) {
    long[] product = new long[LIMBS];
    for (int i = 0; i < LIMBS; i++) {
      sum[i] += block[i];
    }
    for (int i = 0; i < LIMBS; i++) {
      for (int j = 0; j < LIMBS; j++) {
        // What is beyond 2^130 comes back five times.
        int place = i + j;
        product[place % LIMBS] += sum[i] * factor[j] * (place < LIMBS ? 1 : 5);
      }
    }
    System.arraycopy(product, 0, sum, 0, LIMBS);
    carry();
  }

  private void carry() {
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < LIMBS; i++) {
        long over = sum[i] >>> BITS;
        sum[i] &= MASK;
        sum[(i + 1) % LIMBS] += i + 1 < LIMBS ? over : over * 5;
      }
    }
  }

  private byte[] finish(byte[] key) {
    carry();
    // The sum less the modulus, taken where that is not negative, without a branch.
    long[] less = new long[LIMBS];
    long over = 5;
    for (int i = 0; i < LIMBS; i++) {
      over += sum[i];
      less[i] = over & MASK;
      over >>>= BITS;
    }
    long take = -over;
    for (int i = 0; i < LIMBS; i++) {
      sum[i] = (less[i] & take) | (sum[i] & ~take);
    }
    long low = sum[0] | (sum[1] << 26) | (sum[2] << 52);
    long high = (sum[2] >>> 12) | (sum[3] << 14) | (sum[4] << 40);
    ByteBuffer pad = ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN);
    long lowTag = low + pad.getLong(BLOCK);
    long carried = Long.compareUnsigned(lowTag, low) < 0 ? 1 : 0;
    return ByteBuffer.allocate(BLOCK)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(lowTag)
        .putLong(high + pad.getLong(BLOCK + 8) + carried)
        .array();
  }
}
