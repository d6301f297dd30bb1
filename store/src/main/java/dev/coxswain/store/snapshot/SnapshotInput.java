package dev.coxswain.store.snapshot;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32C;

/**
 * Decodes what protobuf's primitive encodings hold, while another thread reads ahead in the file
 * and sums it up: a member that starts waits for the longer of the two, not for both. Nothing that
 * it is asked for is copied out of what was read, but keys.
 */
final class SnapshotInput implements AutoCloseable {
  /** One region of G1, less than the array's own head takes: it is never moved. */
  private static final int CHUNK_BYTES = (1 << 20) - 64;

  /** Chunks read or being read ahead. */
  private static final int AHEAD = 3;

  private static final int VARINT_BITS = 64;

  private final InputStream file;
  private final long payload;
  private final ExecutorService reader =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("snapshot-reader").factory());
  private final Deque<Future<byte[]>> ahead = new ArrayDeque<>();
  private final CRC32C crc = new CRC32C();
  private long asked;

  private byte[] chunk = {};
  private int at;
  private int end;

  /** Bytes of the payload that lie behind this chunk. */
  private long behind;

  /** Opens a file, of which the first so many bytes are the payload. */
  SnapshotInput(Path file, long payload) throws IOException {
    this.file = Files.newInputStream(file);
    this.payload = payload;
    this.behind = payload;
    for (int i = 0; i < AHEAD; i++) {
      ask(new byte[CHUNK_BYTES]);
    }
  }

  private void ask(byte[] into) {
    int length = (int) Math.min(into.length, payload - asked);
    if (length > 0) {
      asked += length;
      ahead.add(reader.submit(() -> fill(into, length)));
    }
  }

  private byte[] fill(byte[] into, int length) throws IOException {
    if (file.readNBytes(into, 0, length) < length) {
      throw new IOException("it ends early");
    }
    crc.update(into, 0, length);
    return into;
  }

  private void advance() throws IOException {
    Future<byte[]> next = ahead.poll();
    if (next == null) {
      throw new IOException("it ends in the middle of something");
    }
    byte[] used = chunk;
    try {
      chunk = next.get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    at = 0;
    end = (int) Math.min(chunk.length, behind);
    behind -= end;
    ask(used.length == 0 ? new byte[CHUNK_BYTES] : used);
  }

  /** Bytes of the payload that were not asked for yet. */
  long left() {
    return behind + end - at;
  }

  /** The checksum over the payload, once all of it was asked for. */
  int checksum() {
    return (int) crc.getValue();
  }

  /** The number behind the payload, once all of that was asked for. */
  int trailer() throws IOException {
    return new DataInputStream(file).readInt();
  }

  byte readByte() throws IOException {
    if (at == end) {
      advance();
    }
    return chunk[at++];
  }

  long readVarint() throws IOException {
    long value = 0;
    for (int shift = 0; shift < VARINT_BITS; shift += 7) {
      byte next = readByte();
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IOException("a number in it does not end");
  }

  /** A number of things, which is not negative. */
  int readCount() throws IOException {
    long count = readVarint();
    if (count < 0 || count > Integer.MAX_VALUE) {
      throw new IOException("it would hold " + count + " of something");
    }
    return (int) count;
  }

  long readFixed64() throws IOException {
    long value = 0;
    for (int shift = 0; shift < VARINT_BITS; shift += 8) {
      value |= (readByte() & 0xFFL) << shift;
    }
    return value;
  }

  private int readLength() throws IOException {
    int length = readCount();
    if (length > left()) {
      throw new IOException("it would hold " + length + " bytes more");
    }
    return length;
  }

  byte[] readByteArray() throws IOException {
    return readByteArray(readLength());
  }

  private byte[] readByteArray(int length) throws IOException {
    byte[] bytes = new byte[length];
    int done = 0;
    while (done < bytes.length) {
      if (at == end) {
        advance();
      }
      int part = Math.min(bytes.length - done, end - at);
      System.arraycopy(chunk, at, bytes, done, part);
      at += part;
      done += part;
    }
    return bytes;
  }

  /** Bytes that are good until more is asked for. */
  ByteString readBytes() throws IOException {
    int length = readLength();
    if (length <= end - at) {
      at += length;
      return UnsafeByteOperations.unsafeWrap(chunk, at - length, length);
    }
    return UnsafeByteOperations.unsafeWrap(readByteArray(length));
  }

  @Override
  public void close() throws IOException {
    reader.close();
    file.close();
  }
}
