package dev.coxswain.store.storm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;

/** What a disk does that says it has flushed. */
final class LostTail {
  private static final int HEADER_BYTES = 8;
  private static final int CHECKSUM_BYTES = 4;

  private LostTail() {}

  /** Whether a member has a piece of its log that it has closed. */
  static boolean possible(Path data) {
    try (Stream<Path> files = Files.walk(data.resolve("raft"))) {
      return files.anyMatch(LostTail::closed);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean closed(Path file) {
    return String.valueOf(file.getFileName()).matches("log_\\d+-\\d+");
  }

  /** Cuts the last entry off the newest piece that is closed, and nothing else. */
  static void cut(Path data) {
    try (Stream<Path> files = Files.walk(data.resolve("raft"))) {
      Path piece =
          files
              .filter(LostTail::closed)
              .max(Comparator.comparingLong(path -> path.toFile().lastModified()))
              .orElseThrow(() -> new IllegalStateException("nothing is closed there"));
      byte[] bytes = Files.readAllBytes(piece);
      int last = HEADER_BYTES;
      for (int at = HEADER_BYTES; at < bytes.length && bytes[at] != 0; at = end(bytes, at)) {
        last = at;
      }
      Files.write(piece, Arrays.copyOf(bytes, last));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // A varint length, the entry, a checksum.
  private static int end(byte[] bytes, int start) {
    int at = start;
    int length = 0;
    int shift = 0;
    boolean more = true;
    while (more) {
      length |= (bytes[at] & 0x7F) << shift;
      shift += 7;
      more = bytes[at] < 0;
      at++;
    }
    return at + length + CHECKSUM_BYTES;
  }
}
