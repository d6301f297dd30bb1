package dev.coxswain.deploy.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Builds a tar archive (POSIX ustar) in memory, for images of a few megabytes. Owners are root and
 * times are the epoch, so that the same content gives the same bytes.
 */
final class TarWriter {
  private static final int BLOCK = 512;
  private static final int NAME_BYTES_MAX = 100;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  void directory(String name, int mode) {
    entry(name + "/", mode, '5', "", new byte[0]);
  }

  void file(String name, int mode, byte[] content) {
    entry(name, mode, '0', "", content);
  }

  void link(String name, String target) {
    entry(name, 0777, '2', target, new byte[0]);
  }

  byte[] finish() {
    out.writeBytes(new byte[2 * BLOCK]);
    return out.toByteArray();
  }

  private void entry(String name, int mode, char type, String target, byte[] content) {
    byte[] header = new byte[BLOCK];
    put(header, 0, name);
    put(header, 100, octal(mode, 7));
    put(header, 108, octal(0, 7));
    put(header, 116, octal(0, 7));
    put(header, 124, octal(content.length, 11));
    put(header, 136, octal(0, 11));
    // The checksum counts its own field as blanks.
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 157, target);
    put(header, 257, "ustar\00000");
    int sum = 0;
    for (byte one : header) {
      sum += one & 0xff;
    }
    put(header, 148, octal(sum, 6) + "\0 ");
    out.writeBytes(header);
    out.writeBytes(content);
    out.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > NAME_BYTES_MAX) {
      throw new IllegalArgumentException("longer than a tar header holds: " + text);
    }
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }

  private static String octal(int number, int digits) {
    String text = Integer.toOctalString(number);
    return "0".repeat(digits - text.length()) + text;
  }
}
