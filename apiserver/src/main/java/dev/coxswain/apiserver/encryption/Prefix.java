package dev.coxswain.apiserver.encryption;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What stored bytes begin with: says how, and with which key, they were encrypted. */
@SuppressWarnings("ArrayRecordComponent") // Made once, never compared.
record Prefix(byte[] bytes) {
  static Prefix of(String text) {
    return new Prefix(text.getBytes(StandardCharsets.UTF_8));
  }

  int length() {
    return bytes.length;
  }

  boolean begins(byte[] stored) {
    return stored.length >= bytes.length
        && Arrays.equals(stored, 0, bytes.length, bytes, 0, bytes.length);
  }
}
