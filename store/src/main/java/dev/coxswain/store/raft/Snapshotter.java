package dev.coxswain.store.raft;

import dev.coxswain.runtime.file.DurableFile;
import dev.coxswain.store.disk.DiskRoom;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.snapshot.SnapshotFile;
import dev.coxswain.store.snapshot.StateCapture;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.Semaphore;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes snapshots beside the applying thread. Ratis asks again and again whether one was taken;
 * the answer is no while it is being written, and its index once it is on disk, so that the log is
 * purged only then.
 */
final class Snapshotter {
  private static final Logger LOG = LoggerFactory.getLogger(Snapshotter.class);

  /**
   * A snapshot is due after this many bytes of log, or after as many as the state is large: about
   * what a start replays in two seconds.
   */
  private static final long DUE_BYTES = 128L << 20;

  /** By how much of that members differ, so that they do not all write at the same entry. */
  private static final double SPREAD = 0.5;

  private static final String UNFINISHED = ".tmp";

  private final SnapshotStorage storage;
  private final DiskRoom room;

  /** ... or after this many entries, which bounds the replay after a restart. */
  private final long dueEntries;

  /**
   * Held from before a state is captured until it was written: a compaction's sweep would pull
   * versions out of it. Not a lock, since the applying thread takes it and the writing one gives it
   * back.
   */
  private final Semaphore history = new Semaphore(1);

  private volatile long finished = RaftLog.INVALID_LOG_INDEX;
  private long reported = RaftLog.INVALID_LOG_INDEX;
  private long lastIndex;
  private long bytesSince;

  private final double spread;

  /**
   * Snapshots into a storage.
   *
   * @param member whose snapshots these are; any number, different on each member
   */
  Snapshotter(SnapshotStorage storage, long dueEntries, DiskRoom room, long member) {
    this.storage = storage;
    this.dueEntries = dueEntries;
    this.spread = SPREAD * ((member ^ (member >>> 32)) & 0xFF) / 0x100;
    this.room = room;
  }

  SnapshotStorage storage() {
    return storage;
  }

  /** One permit, for whoever sweeps the keyspace or reads all of it. */
  Semaphore history() {
    return history;
  }

  /** Counts what a snapshot would save. On the applying thread. */
  void applied(int bytes) {
    bytesSince += bytes;
  }

  /** A snapshot at this index exists, loaded or installed. */
  void taken(long index) {
    lastIndex = index;
    bytesSince = 0;
    finished = Math.max(finished, index);
    reported = Math.max(reported, index);
  }

  /** Starts a snapshot if one is due; returns the index of one just finished, else -1. */
  long step(StoreState state, TermIndex applied) {
    long done = finished;
    if (done > reported) {
      reported = done;
      return done;
    }
    boolean due =
        applied.getIndex() - lastIndex >= dueEntries
            || bytesSince >= Math.max(DUE_BYTES, state.keyspace().bytes()) * (1 - spread);
    // When somebody else has the history, or there is no room, a later entry asks again.
    if (due && room.fits(state.keyspace().bytes()) && history.tryAcquire()) {
      start(StateCapture.of(state), applied);
    }
    return RaftLog.INVALID_LOG_INDEX;
  }

  private void start(StateCapture capture, TermIndex at) {
    lastIndex = at.getIndex();
    bytesSince = 0;
    Thread.ofPlatform()
        .name("snapshot")
        .daemon()
        .start(() -> {
          try {
            write(capture, at);
            finished = at.getIndex();
          } catch (IOException e) {
            LOG.error("the snapshot at index {} failed: {}", at.getIndex(), e.toString());
          } finally {
            history.release();
          }
        });
  }

  private void write(StateCapture capture, TermIndex at) throws IOException {
    Path target = storage.getSnapshotFile(at.getTerm(), at.getIndex()).toPath();
    MD5Hash hash = write(capture, target);
    storage.updateLatestSnapshot(
        new SingleFileSnapshotInfo(new FileInfo(target, hash), at.getTerm(), at.getIndex()));
  }

  /** Writes a snapshot and its digest so that they are there whole or not at all. */
  static MD5Hash write(StateCapture capture, Path target) throws IOException {
    Path unfinished = target.resolveSibling(target.getFileName() + UNFINISHED);
    MessageDigest digest = md5();
    try (FileChannel channel =
            FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        OutputStream out =
            new DigestOutputStream(
                new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16), digest)) {
      SnapshotFile.write(capture, out);
      out.flush();
      channel.force(true);
    } catch (IOException e) {
      // Half a snapshot is of no use, and the disk may be full of it.
      Files.deleteIfExists(unfinished);
      throw e;
    }
    MD5Hash hash = MD5Hash.newInstance(digest.digest());
    MD5FileUtil.saveMD5File(target.toFile(), hash);
    Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
    DurableFile.syncDirectory(target);
    return hash;
  }

  private static MessageDigest md5() {
    try {
      // Ratis names snapshot files by it; integrity is the file's own CRC-32C.
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has MD5", e);
    }
  }

  /** Removes what a crash left half written. */
  static void discardUnfinished(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + UNFINISHED)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }
}
