package dev.coxswain.store.backup;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The trailer of a snapshot that came over the wire: SHA-256 of all before it. A copied database
 * has none; its size is a multiple of 512, which is how etcd tells the two apart.
 */
public final class SnapshotChecksum {
  private static final int BYTES = 32;
  private static final int DATABASE_UNIT = 512;
  private static final int BUFFER_BYTES = 1 << 16;

  private SnapshotChecksum() {}

  /** A fresh digest of the kind. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Whether the file has a trailer. */
  static boolean present(Path file) throws IOException {
    return Files.size(file) % DATABASE_UNIT == BYTES;
  }

  /** Fails when the trailer is missing or does not match. */
  static void verify(Path file) throws IOException {
    if (!present(file)) {
      throw new IOException(
          file
              + " has no checksum, so nobody can tell whether it is whole;"
              + " if it is the copy of a database file, give --skip-hash-check");
    }
    MessageDigest digest = digest();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES)) {
      long left = Files.size(file) - BYTES;
      byte[] buffer = new byte[BUFFER_BYTES];
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read < 0) {
          throw new IOException(file + " ends early");
        }
        digest.update(buffer, 0, read);
        left -= read;
      }
      if (!Arrays.equals(digest.digest(), in.readNBytes(BYTES))) {
        throw new IOException(file + " is damaged: its SHA-256 does not match");
      }
    }
  }
}
