package dev.coxswain.bench.api;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/** Finds the stamps in a stream of objects, wherever the stream is cut. */
final class StampFinder {
  private static final byte[] BEFORE = "\"stamp\":\"".getBytes(StandardCharsets.US_ASCII);

  /** Up to and including the second quote: what may begin there again is known. */
  private static final int SECOND_QUOTE = 7;

  private int matched;
  private long number;

  /** Reads on, and tells of each stamp that ends here. */
  void read(ByteBuf bytes, LongConsumer found) {
    for (int at = bytes.readerIndex(); at < bytes.writerIndex(); at++) {
      byte next = bytes.getByte(at);
      if (matched < BEFORE.length) {
        match(next);
      } else if (next == '"') {
        found.accept(number);
        number = 0;
        matched = 0;
      } else {
        number = number * 10 + next - '0';
      }
    }
  }

  private void match(byte next) {
    if (next == BEFORE[matched]) {
      matched++;
    } else if (next == '"') {
      matched = 1;
    } else if (matched == SECOND_QUOTE && next == BEFORE[1]) {
      matched = 2;
    } else {
      matched = 0;
    }
  }
}
