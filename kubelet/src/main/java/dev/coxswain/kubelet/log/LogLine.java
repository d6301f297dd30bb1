package dev.coxswain.kubelet.log;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Optional;

/**
 * One entry of a CRI log: {@code time stream tag content}.
 *
 * @param partial whether the next entry of the stream continues the line
 * @param content without the line's end
 */
@SuppressWarnings("ArrayRecordComponent") // Never changed after it was made.
record LogLine(String timestamp, boolean stderr, boolean partial, byte[] content) {
  private static final String NANOS = "000000000";

  /** Reads an entry; empty for bytes that are none. */
  static Optional<LogLine> parse(byte[] entry, int length) {
    int first = index(entry, 0, length);
    int second = first < 0 ? -1 : index(entry, first + 1, length);
    int third = second < 0 ? -1 : index(entry, second + 1, length);
    if (third < 0) {
      return Optional.empty();
    }
    String stream = text(entry, first + 1, second);
    String tag = text(entry, second + 1, third);
    if (!stream.equals("stdout") && !stream.equals("stderr")) {
      return Optional.empty();
    }
    return Optional.of(
        new LogLine(
            text(entry, 0, first),
            stream.equals("stderr"),
            tag.equals("P") || tag.startsWith("P:"),
            Arrays.copyOfRange(entry, third + 1, length)));
  }

  /** When it was written, always with nine digits of the second, as upstream tells it. */
  String fixedTimestamp() {
    int zone = timestamp.length();
    for (int at = timestamp.indexOf('T') + 1; at < zone; at++) {
      if ("Z+-".indexOf(timestamp.charAt(at)) >= 0) {
        zone = at;
      }
    }
    int point = timestamp.indexOf('.');
    int digits = point < 0 ? 0 : zone - point - 1;
    if (zone == timestamp.length() || digits >= NANOS.length()) {
      return timestamp;
    }
    return timestamp.substring(0, zone)
        + (point < 0 ? "." : "")
        + NANOS.substring(digits)
        + timestamp.substring(zone);
  }

  /** When it was written; the epoch for a time that cannot be read. */
  Instant time() {
    try {
      return OffsetDateTime.parse(timestamp).toInstant();
    } catch (DateTimeException malformed) {
      return Instant.EPOCH;
    }
  }

  private static int index(byte[] bytes, int from, int to) {
    for (int at = from; at < to; at++) {
      if (bytes[at] == ' ') {
        return at;
      }
    }
    return -1;
  }

  private static String text(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.US_ASCII);
  }
}
