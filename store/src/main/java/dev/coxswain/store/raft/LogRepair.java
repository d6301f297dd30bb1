package dev.coxswain.store.raft;

import dev.coxswain.store.disk.DamagedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the whole log before Ratis does. It cuts a torn record off the end of the open segment,
 * with which Ratis would refuse to start: a write that a power failure tore was never acknowledged.
 * Damage anywhere else is not repaired: the member must not serve. A closed segment must hold as
 * many entries as its name says, or what it lost was acknowledged maybe; Ratis would only warn.
 *
 * <p>Ratis' segment format: eight bytes {@code RaftLog1}; each record a varint length, the entry,
 * and a CRC-32C (four bytes, big-endian) over both; then zeros, since the file is preallocated.
 */
final class LogRepair {
  private static final Logger LOG = LoggerFactory.getLogger(LogRepair.class);
  private static final byte[] HEADER = "RaftLog1".getBytes(StandardCharsets.US_ASCII);
  private static final int CHECKSUM_BYTES = 4;
  private static final int VARINT_BYTES = 5;

  /** Disks write sectors whole: a record is torn when one of its sectors never was written. */
  private static final int SECTOR_BYTES = 512;

  /** A segment at a time, all into the same bytes. */
  private byte[] bytes = {};

  /** How many of them are the segment's. */
  private int length;

  /** Sound records of the segment. */
  private long records;

  private LogRepair() {}

  /**
   * Looks at every segment below a log directory (one directory for each group); returns how many
   * bytes that were.
   */
  static long repair(Path log) throws IOException {
    if (!Files.isDirectory(log)) {
      return 0;
    }
    LogRepair repair = new LogRepair();
    long read = 0;
    try (DirectoryStream<Path> groups = Files.newDirectoryStream(log, Files::isDirectory)) {
      for (Path group : groups) {
        Path current = group.resolve("current");
        if (Files.isDirectory(current)) {
          try (DirectoryStream<Path> segments = Files.newDirectoryStream(current, "log_*")) {
            for (Path segment : segments) {
              read += repair.repairSegment(segment);
            }
          }
        }
      }
    }
    return read;
  }

  private long repairSegment(Path segment) throws IOException {
    read(segment);
    int good = scan(segment);
    if (good < 0) {
      checkEnd(segment);
      return length;
    }
    LOG.warn(
        "{} ends with a torn record, from byte {} on: it was never acknowledged and is cut off",
        segment,
        good);
    try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.WRITE)) {
      // Zeros rather than a shorter file: that is what the rest of a preallocated segment holds.
      channel.write(ByteBuffer.allocate(length - good), good);
      channel.force(true);
    }
    return length;
  }

  // A member that ends between cutting a segment for its leader and renaming it is refused as well:
  // nobody can tell the two apart, and it is sent everything anew.
  private void checkEnd(Path segment) throws DamagedException {
    long promised = LogSegmentFile.promised(segment).orElse(records);
    if (records < promised) {
      throw new DamagedException(
          "%s is damaged: it has %d of %d entries".formatted(segment, records, promised));
    }
  }

  private void read(Path segment) throws IOException {
    long size = Files.size(segment);
    if (bytes.length < size) {
      bytes = new byte[Math.toIntExact(size)];
    }
    try (InputStream in = Files.newInputStream(segment)) {
      length = in.readNBytes(bytes, 0, bytes.length);
    }
  }

  /** The offset from which the segment is torn; -1 when it is sound. */
  private int scan(Path segment) throws IOException {
    records = 0;
    if (length < HEADER.length
        || !Arrays.equals(bytes, 0, HEADER.length, HEADER, 0, HEADER.length)) {
      // A partly written header is Ratis' own affair: it starts the segment anew.
      return -1;
    }
    int at = HEADER.length;
    while (at < length) {
      if (bytes[at] == 0) {
        return zeros(at, length) ? -1 : tornOrDamaged(segment, at, length);
      }
      int end = recordEnd(at);
      if (end < 0 || end > length || !intact(at, end)) {
        return tornOrDamaged(segment, at, end < 0 ? length : end);
      }
      at = end;
      records++;
    }
    return -1;
  }

  /** Where the record starting here should end; -1 when not even its length can be read. */
  private int recordEnd(int at) {
    long record = 0;
    for (int i = 0; i < VARINT_BYTES && at + i < length; i++) {
      record |= (bytes[at + i] & 0x7FL) << (7 * i);
      if (bytes[at + i] >= 0) {
        long end = at + i + 1 + record + CHECKSUM_BYTES;
        return end > Integer.MAX_VALUE ? -1 : (int) end;
      }
    }
    return -1;
  }

  private boolean intact(int at, int end) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, at, end - CHECKSUM_BYTES - at);
    return ByteBuffer.wrap(bytes).getInt(end - CHECKSUM_BYTES) == (int) crc.getValue();
  }

  private int tornOrDamaged(Path segment, int at, int end) throws IOException {
    int stop = Math.min(end, length);
    boolean open = String.valueOf(segment.getFileName()).contains("inprogress");
    boolean last = open && zeros(stop, length);
    if (last && (end > length || hasUnwrittenSector(at, stop))) {
      return at;
    }
    throw new DamagedException(segment + " is damaged at byte " + at + ", and not by a torn write");
  }

  private boolean hasUnwrittenSector(int at, int end) {
    int from = at;
    while (from < end) {
      int to = Math.min(end, (from / SECTOR_BYTES + 1) * SECTOR_BYTES);
      if (zeros(from, to)) {
        return true;
      }
      from = to;
    }
    // Shorter than a sector: zeros at its end are as much as can be seen of a torn write.
    return end - at < SECTOR_BYTES && zeros(end - CHECKSUM_BYTES, end);
  }

  private boolean zeros(int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }
}
