package dev.coxswain.deploy.pki;

import dev.coxswain.deploy.host.CoxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Set;

/** Writes files whole or not at all, secret ones readable by their owner alone, and reads PEM. */
public final class PemFiles {
  private static final String LINE_END = "\n";

  private PemFiles() {}

  /** Mode 0600 from its first byte on. */
  public static void writeSecret(Path file, String text) {
    write(file, text, "rw-------");
  }

  /** Mode 0644. */
  public static void writePublic(Path file, String text) {
    write(file, text, "rw-r--r--");
  }

  private static void write(Path file, String text, String mode) {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.createDirectories(file.getParent());
      Files.deleteIfExists(fresh);
      var permissions = PosixFilePermissions.fromString(mode);
      var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      var attribute = PosixFilePermissions.asFileAttribute(permissions);
      try (FileChannel channel = FileChannel.open(fresh, options, attribute)) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.setPosixFilePermissions(fresh, permissions);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failed) {
      throw new CoxException("cannot write " + file + ": " + failed.getMessage(), failed);
    }
  }

  static String encode(String label, byte[] der) {
    var encoder = Base64.getMimeEncoder(64, LINE_END.getBytes(StandardCharsets.US_ASCII));
    return "-----BEGIN "
        + label
        + "-----\n"
        + encoder.encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }

  static byte[] decode(Path file) {
    try {
      String body =
          Files.readString(file)
              .lines()
              .filter(line -> !line.startsWith("-----"))
              .reduce("", String::concat);
      return Base64.getDecoder().decode(body.strip());
    } catch (IOException | IllegalArgumentException unreadable) {
      throw new CoxException("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
    }
  }
}
