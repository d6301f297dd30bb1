package dev.coxswain.store.raft;

import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.OperationCodec;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.member.MemberMark;
import dev.coxswain.store.snapshot.SnapshotFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.jspecify.annotations.Nullable;

/**
 * What a stopped member has on disk: its snapshot and every entry of its log after that. Entries at
 * the end may never have been committed; but whatever was acknowledged is in the log of the
 * survivor that is furthest on, unless all that had it are lost.
 *
 * @param snapshotIndex what was certainly committed: -1 for nothing
 * @param term the term of the last entry
 * @param index the index of the last entry
 */
public record Survivor(
    Path directory, MemberMark mark, long snapshotIndex, long term, long index, StoreState state) {
  /** By Raft's own rule of whose log is further on. */
  public static final Comparator<Survivor> FURTHEST_ON =
      Comparator.comparingLong(Survivor::term).thenComparingLong(Survivor::index);

  /** Where Ratis has a group's snapshots lie. */
  static final String SNAPSHOTS = "sm";

  private static final Pattern SNAPSHOT = Pattern.compile("snapshot\\.(\\d+)_(\\d+)");
  private static final Pattern SEGMENT = Pattern.compile("log_(?:inprogress_)?(\\d+)(?:-\\d+)?");

  /** Reads a member's data directory and changes nothing in it. */
  public static Survivor read(Path directory) throws IOException {
    MemberMark mark =
        MemberMark.read(directory)
            .orElseThrow(() -> new IOException(directory + " is no member's data directory"));
    checkStopped(directory);
    Path group = directory.resolve(MemberMark.LOG).resolve(mark.group().toString());
    if (!Files.isDirectory(group)) {
      // Not one that has nothing: what it had would be lost without a word.
      throw new IOException(directory + " has no log of its member");
    }
    Replay replay = new Replay();
    replay.snapshot(newestSnapshot(group.resolve(SNAPSHOTS)));
    for (Path segment : segments(group.resolve("current")).values()) {
      LogSegmentFile.read(segment, replay::entry);
    }
    return new Survivor(
        directory, mark, replay.snapshotIndex, replay.term, replay.index, replay.state);
  }

  private static void checkStopped(Path directory) throws IOException {
    Path lockFile = directory.resolve("lock");
    if (!Files.exists(lockFile)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE)) {
      @Nullable FileLock lock = channel.tryLock();
      if (lock == null) {
        throw new IOException(directory + " is in use: stop that member first");
      }
      lock.release();
    }
  }

  /** The newest snapshot in a directory, or null when it holds none. */
  static @Nullable Path newestSnapshot(Path directory) throws IOException {
    TreeMap<Long, Path> found = new TreeMap<>();
    collect(directory, SNAPSHOT, 2, found);
    return found.isEmpty() ? null : found.lastEntry().getValue();
  }

  /** The index that the newest snapshot of a group stands at, by its name; -1 for none. */
  static long snapshotIndex(Path group) throws IOException {
    TreeMap<Long, Path> found = new TreeMap<>();
    collect(group.resolve(SNAPSHOTS), SNAPSHOT, 2, found);
    return found.isEmpty() ? -1 : found.lastKey();
  }

  /** The index that a group's log begins with, by the name of its first segment. */
  static OptionalLong firstEntry(Path group) throws IOException {
    TreeMap<Long, Path> found = segments(group.resolve("current"));
    return found.isEmpty() ? OptionalLong.empty() : OptionalLong.of(found.firstKey());
  }

  private static TreeMap<Long, Path> segments(Path directory) throws IOException {
    TreeMap<Long, Path> found = new TreeMap<>();
    collect(directory, SEGMENT, 1, found);
    return found;
  }

  private static void collect(Path directory, Pattern name, int group, Map<Long, Path> found)
      throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Matcher matcher = name.matcher(String.valueOf(file.getFileName()));
        if (matcher.matches()) {
          found.put(Long.parseLong(matcher.group(group)), file);
        }
      }
    }
  }

  private static final class Replay {
    private StoreState state = new StoreState();
    private long snapshotIndex = -1;
    private long term;
    private long index = -1;

    void snapshot(@Nullable Path file) throws IOException {
      if (file == null) {
        return;
      }
      Matcher name = SNAPSHOT.matcher(String.valueOf(file.getFileName()));
      if (name.matches()) {
        state = SnapshotFile.read(file);
        term = Long.parseLong(name.group(1));
        snapshotIndex = Long.parseLong(name.group(2));
        index = snapshotIndex;
      }
    }

    void entry(LogEntryProto entry) throws IOException {
      if (entry.getIndex() <= index) {
        return;
      }
      if (entry.getIndex() != index + 1) {
        throw new IOException(
            "the log lacks entries %d to %d".formatted(index + 1, entry.getIndex() - 1));
      }
      index = entry.getIndex();
      term = entry.getTerm();
      if (entry.hasStateMachineLogEntry()) {
        var data = entry.getStateMachineLogEntry().getLogData();
        for (Operation operation : OperationCodec.decode(EntryBytes.of(data))) {
          var _ = state.apply(operation);
        }
      }
    }
  }
}
