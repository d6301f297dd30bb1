package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.store.disk.DamagedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogRepairTest {
  private static final int PREALLOCATED = 8192;

  @TempDir private Path log;
  private Path segment = Path.of("");

  @BeforeEach
  void makeGroup() throws IOException {
    Path current = log.resolve("group").resolve("current");
    Files.createDirectories(current);
    segment = current.resolve("log_inprogress_7");
  }

  @Test
  void soundSegmentIsLeftAlone() throws IOException {
    byte[] sound = segment(record(100), record(900));
    Files.write(segment, sound);
    LogRepair.repair(log);
    assertThat(Files.readAllBytes(segment)).isEqualTo(sound);
  }

  @Test
  void lastRecordWithAnUnwrittenSectorIsCutOff() throws IOException {
    byte[] torn = segment(record(100), record(2000));
    int start = 8 + record(100).length;
    Arrays.fill(torn, 1024, 1536, (byte) 0);
    Files.write(segment, torn);
    LogRepair.repair(log);
    byte[] repaired = Files.readAllBytes(segment);
    assertThat(Arrays.copyOf(repaired, start)).isEqualTo(Arrays.copyOf(torn, start));
    assertThat(Arrays.copyOfRange(repaired, start, PREALLOCATED)).containsOnly(0);
  }

  @Test
  void shortLastRecordThatLostItsEndIsCutOff() throws IOException {
    byte[] torn = segment(record(100), record(60));
    int end = 8 + record(100).length + record(60).length;
    Arrays.fill(torn, end - 40, end, (byte) 0);
    Files.write(segment, torn);
    LogRepair.repair(log);
    assertThat(Files.readAllBytes(segment)).isEqualTo(segment(record(100)));
  }

  @Test
  void damageBeforeTheEndIsRefused() throws IOException {
    byte[] damaged = segment(record(100), record(200), record(300));
    damaged[8 + record(100).length + 50] ^= 4;
    Files.write(segment, damaged);
    assertThatThrownBy(() -> LogRepair.repair(log))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("damaged at byte");
    assertThat(Files.readAllBytes(segment)).isEqualTo(damaged);
  }

  @Test
  void flippedBitInTheLastRecordIsNoTornWrite() throws IOException {
    byte[] damaged = segment(record(100), record(200));
    damaged[8 + record(100).length + 50] ^= 4;
    Files.write(segment, damaged);
    assertThatThrownBy(() -> LogRepair.repair(log)).hasMessageContaining("not by a torn write");
  }

  @Test
  void closedSegmentHoldsWhatItsNameSays() throws IOException {
    Path closed = segment.resolveSibling("log_7-8");
    byte[] sound = segment(record(100), record(200));
    Files.write(closed, sound);
    LogRepair.repair(log);
    assertThat(Files.readAllBytes(closed)).isEqualTo(sound);
  }

  @Test
  void closedSegmentThatLostItsLastRecordsIsRefused() throws IOException {
    Path closed = segment.resolveSibling("log_7-9");
    int second = 8 + record(100).length;
    int third = second + record(200).length;
    byte[] whole = segment(record(100), record(200), record(300));
    for (int end : List.of(0, 5, 8, second, second + 50, third, third + 100)) {
      Files.write(closed, Arrays.copyOf(whole, end));
      assertThatThrownBy(() -> LogRepair.repair(log))
          .as("cut off at byte %d", end)
          .isInstanceOf(DamagedException.class);
      Files.write(closed, Arrays.copyOf(Arrays.copyOf(whole, end), PREALLOCATED));
      assertThatThrownBy(() -> LogRepair.repair(log))
          .as("zeros from byte %d on", end)
          .isInstanceOf(DamagedException.class);
    }
  }

  private static byte[] segment(byte[]... records) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("RaftLog1".getBytes(StandardCharsets.US_ASCII));
    for (byte[] record : records) {
      out.writeBytes(record);
    }
    return Arrays.copyOf(out.toByteArray(), PREALLOCATED);
  }

  private static byte[] record(int length) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int left = length;
    while (left >= 0x80) {
      out.write((left & 0x7F) | 0x80);
      left >>>= 7;
    }
    out.write(left);
    for (int i = 0; i < length; i++) {
      out.write(1 + i % 250);
    }
    CRC32C crc = new CRC32C();
    crc.update(out.toByteArray());
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    return out.toByteArray();
  }
}
