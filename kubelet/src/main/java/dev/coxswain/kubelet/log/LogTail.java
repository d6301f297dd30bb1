package dev.coxswain.kubelet.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The end of a log. */
public final class LogTail {
  private static final int BLOCK = 8192;

  private LogTail() {}

  /** The content of the last lines, both streams, at most this many bytes. */
  public static String text(Path file, int lines, int bytes) throws IOException {
    if (!Files.exists(file)) {
      return "";
    }
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      in.seek(start(in, lines));
      byte[] rest = new byte[(int) Math.min(in.length() - in.getFilePointer(), 1024 * 1024)];
      in.readFully(rest);
      int from = 0;
      for (int at = 0; at < rest.length; at++) {
        if (rest[at] == '\n') {
          byte[] entry = java.util.Arrays.copyOfRange(rest, from, at);
          LogLine.parse(entry, entry.length)
              .ifPresent(line -> {
                content.writeBytes(line.content());
                if (!line.partial()) {
                  content.write('\n');
                }
              });
          from = at + 1;
        }
      }
    }
    byte[] all = content.toByteArray();
    int cut = Math.max(0, all.length - bytes);
    return new String(all, cut, all.length - cut, StandardCharsets.UTF_8);
  }

  /** Where the last so many lines begin. */
  static long start(RandomAccessFile in, long lines) throws IOException {
    long length = in.length();
    long seen = 0;
    byte[] block = new byte[BLOCK];
    for (long end = length; end > 0; ) {
      int size = (int) Math.min(BLOCK, end);
      in.seek(end - size);
      in.readFully(block, 0, size);
      for (int at = size - 1; at >= 0; at--) {
        // The newline at the very end closes the last line and begins none.
        if (block[at] == '\n' && end - size + at != length - 1 && ++seen == lines) {
          return end - size + at + 1;
        }
      }
      end -= size;
    }
    return lines == 0 ? length : 0;
  }
}
