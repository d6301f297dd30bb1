package dev.coxswain.deploy.pki;

import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.Reasons;
import dev.coxswain.runtime.file.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** Writes files whole or not at all, secret ones readable by their owner alone, and reads PEM. */
public final class PemFiles {
  private static final String LINE_END = "\n";

  private PemFiles() {}

  /** Mode 0600 from its first byte on. */
  public static void writeSecret(Path file, String text) {
    write(file, text, DurableFile::writeSecret);
  }

  /** Mode 0644. */
  public static void writePublic(Path file, String text) {
    write(file, text, DurableFile::writePublic);
  }

  private interface Writing {
    void write(Path file, String text) throws IOException;
  }

  private static void write(Path file, String text, Writing writing) {
    try {
      Files.createDirectories(file.getParent());
      writing.write(file, text);
    } catch (IOException failed) {
      throw new CoxException("cannot write " + file + ": " + Reasons.of(failed), failed);
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
      throw new CoxException("cannot read " + file + ": " + Reasons.of(unreadable), unreadable);
    }
  }
}
