package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who rebuilds a cluster from a survivor must not fail at the write that was under way. */
final class LogSegmentFileTest {
  /** The first byte of a length of two. */
  private static final int HALF_A_LENGTH = 0x83;

  @TempDir private Path directory;

  @Test
  void anOpenSegmentMayEndWithinTheLengthOfARecord() throws IOException {
    assertThat(indexes(segment("log_inprogress_7"))).containsExactly(7L, 8L);
  }

  @Test
  void aClosedOneMayNot() throws IOException {
    Path closed = segment("log_7-8");
    assertThatThrownBy(() -> indexes(closed)).hasMessageContaining("is damaged at byte");
  }

  private static List<Long> indexes(Path segment) throws IOException {
    List<Long> indexes = new ArrayList<>();
    LogSegmentFile.read(segment, entry -> indexes.add(entry.getIndex()));
    return indexes;
  }

  private Path segment(String name) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("RaftLog1".getBytes(StandardCharsets.US_ASCII));
    for (long index = 7; index <= 8; index++) {
      ByteArrayOutputStream record = new ByteArrayOutputStream();
      LogEntryProto.newBuilder().setTerm(1).setIndex(index).build().writeDelimitedTo(record);
      CRC32C crc = new CRC32C();
      crc.update(record.toByteArray());
      bytes.writeBytes(record.toByteArray());
      bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array());
    }
    bytes.write(HALF_A_LENGTH);
    return Files.write(directory.resolve(name), bytes.toByteArray());
  }
}
