package dev.coxswain.store.disk;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The room on the disk of a data directory. A part of it is reserved, by a file of zeros, and given
 * up when the rest runs out: then there still is room to say so to all members, to delete and to
 * compact. A little more is kept for a start on a disk that is full to its last page. That a
 * reserve is not there means the disk was full and has not recovered, also after a restart.
 */
public final class DiskRoom {
  private static final Logger LOG = LoggerFactory.getLogger(DiskRoom.class);

  /** With less than this free, room is short: the log takes 8 MiB at a time, one ahead of need. */
  private static final long SHORT_BYTES = 16L << 20;

  /** The log's next pieces, for a log that has failed for want of room. */
  private static final long LOG_BYTES = 12L << 20;

  /**
   * What a start writes before it can serve: its term, its vote, the first page of an entry. Kept
   * apart, because whoever fills the disk may fill what was given up of the other reserve, too.
   */
  private static final long START_BYTES = 256L << 10;

  private static final String RESERVE = "reserve";
  private static final String START_RESERVE = "start-reserve";
  private static final int BLOCK_BYTES = 1 << 20;

  private final File directory;
  private final Path reserve;
  private final Path startReserve;
  private final long reserveBytes;
  private volatile boolean shortOfRoom;

  /** The room in an existing directory, of which so much is to be kept in reserve. */
  public DiskRoom(Path directory, long reserveBytes) {
    this.directory = directory.toFile();
    this.reserve = directory.resolve(RESERVE);
    this.startReserve = directory.resolve(START_RESERVE);
    this.reserveBytes = reserveBytes;
    this.shortOfRoom = !Files.exists(reserve) || !Files.exists(startReserve);
    look();
    if (free() < START_BYTES) {
      giveUp(startReserve);
    }
  }

  /** Whether a member could start in a directory and serve reads, after giving up its reserves. */
  public static boolean hasRoomToStart(Path directory) {
    return hasRoom(directory, START_BYTES);
  }

  /** Whether a log that failed could be opened again and go on. */
  public static boolean hasRoomToWrite(Path directory) {
    return hasRoom(directory, LOG_BYTES);
  }

  private static boolean hasRoom(Path directory, long needed) {
    return !Files.isDirectory(directory)
        || directory.toFile().getUsableSpace()
                + directory.resolve(RESERVE).toFile().length()
                + directory.resolve(START_RESERVE).toFile().length()
            >= needed;
  }

  private long free() {
    return directory.getUsableSpace();
  }

  /** Whether room ran out and has not come back. */
  public boolean isShort() {
    return shortOfRoom;
  }

  /**
   * Looks before something is written that must not fail; gives up the reserve when little is left.
   * Cheap enough to be asked for every log entry.
   */
  public void look() {
    if (!shortOfRoom && free() < SHORT_BYTES) {
      release();
    }
  }

  /** Whether so many bytes can be written and leave room for the log. */
  public boolean fits(long bytes) {
    return free() - bytes >= SHORT_BYTES;
  }

  private synchronized void release() {
    shortOfRoom = true;
    if (giveUp(reserve)) {
      LOG.warn(
          "{} has less than {} MiB left: nothing is stored until there is room again",
          directory,
          SHORT_BYTES >> 20);
    }
  }

  private boolean giveUp(Path file) {
    try {
      return Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.error("{} cannot be given up: {}", file, e.toString());
      return false;
    }
  }

  /** Takes the reserve again if there is room enough; false while there is not. */
  public synchronized boolean recover() {
    if (!shortOfRoom) {
      return true;
    }
    if (!fits(reserveBytes + SHORT_BYTES)) {
      return false;
    }
    try {
      take(startReserve, START_BYTES);
      take(reserve, reserveBytes);
      shortOfRoom = false;
    } catch (IOException e) {
      LOG.warn("no reserve of {} MiB in {}: {}", reserveBytes >> 20, directory, e.toString());
    }
    return !shortOfRoom;
  }

  // Zeros that are written, not a hole: the room must really be taken.
  private static void take(Path file, long bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer zeros = ByteBuffer.allocate(BLOCK_BYTES);
      for (long left = bytes; left > 0; left -= zeros.position()) {
        zeros.clear().limit((int) Math.min(BLOCK_BYTES, left));
        while (zeros.hasRemaining()) {
          channel.write(zeros);
        }
      }
      channel.force(false);
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }
}
