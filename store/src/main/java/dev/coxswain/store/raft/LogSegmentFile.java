package dev.coxswain.store.raft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedInputStream;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;

/**
 * Reads a segment of Ratis' log, in the format that {@link LogRepair} tells, without changing it.
 * The open segment may end in a torn record, which is left out; any other damage is an error.
 */
final class LogSegmentFile {
  private static final Pattern CLOSED = Pattern.compile("log_(\\d+)-(\\d+)");
  private static final int HEADER_BYTES = 8;
  private static final int CHECKSUM_BYTES = 4;

  private LogSegmentFile() {}

  /** Looks at an entry. */
  interface Visitor {
    void visit(LogEntryProto entry) throws IOException;
  }

  /** How many entries a closed segment holds by its name; nothing of the open one. */
  static OptionalLong promised(Path segment) {
    Matcher name = CLOSED.matcher(String.valueOf(segment.getFileName()));
    return name.matches()
        ? OptionalLong.of(Long.parseLong(name.group(2)) - Long.parseLong(name.group(1)) + 1)
        : OptionalLong.empty();
  }

  static void read(Path segment, Visitor visitor) throws IOException {
    boolean open = String.valueOf(segment.getFileName()).contains("inprogress");
    byte[] bytes = Files.readAllBytes(segment);
    int at = HEADER_BYTES;
    long entries = 0;
    while (at < bytes.length && bytes[at] != 0) {
      CodedInputStream in = CodedInputStream.newInstance(bytes, at, bytes.length - at);
      int length = length(in);
      int body = at + in.getTotalBytesRead();
      int end = body + length;
      if (length < 0
          || end < body
          || end > bytes.length - CHECKSUM_BYTES
          || !intact(bytes, at, end)) {
        if (open) {
          return;
        }
        throw new IOException(segment + " is damaged at byte " + at);
      }
      visitor.visit(LogEntryProto.parseFrom(CodedInputStream.newInstance(bytes, body, length)));
      at = end + CHECKSUM_BYTES;
      entries++;
    }
    long promised = promised(segment).orElse(entries);
    if (entries < promised) {
      throw new IOException(
          "%s is damaged: it has %d of %d entries".formatted(segment, entries, promised));
    }
  }

  /** How long the next record is; negative when a torn write has left not even that. */
  private static int length(CodedInputStream in) throws IOException {
    try {
      return in.readRawVarint32();
    } catch (InvalidProtocolBufferException e) {
      return -1;
    }
  }

  private static boolean intact(byte[] bytes, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, to - from);
    return ByteBuffer.wrap(bytes).getInt(to) == (int) crc.getValue();
  }
}
