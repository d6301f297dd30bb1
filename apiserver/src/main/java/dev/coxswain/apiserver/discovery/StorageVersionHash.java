package dev.coxswain.apiserver.discovery;

import dev.coxswain.api.meta.GroupVersionKind;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * What discovery says of the version in which a resource is stored: a text that differs once the
 * version does, whereupon a migrator writes all objects again. Upstream's rule, so that it stays
 * the same when a cluster moves from one to the other.
 */
final class StorageVersionHash {
  private static final int BYTES = 8;

  private StorageVersionHash() {}

  static String of(GroupVersionKind stored) {
    String name = stored.group() + "/" + stored.version() + "/" + stored.kind();
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(Arrays.copyOf(digest, BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
