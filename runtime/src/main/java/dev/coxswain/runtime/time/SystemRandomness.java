package dev.coxswain.runtime.time;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/** The machine's entropy. */
public final class SystemRandomness implements Randomness {
  private final SecureRandom source = new SecureRandom();

  @Override
  public long bits() {
    byte[] bytes = new byte[Long.BYTES];
    source.nextBytes(bytes);
    return ByteBuffer.wrap(bytes).getLong();
  }
}
