package dev.coxswain.store.raft;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.ratis.util.FileUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots that a leader is sending here, each in a directory of its own until it is whole.
 * Ratis leaves there what broke off, and begins the next one beside it: on a disk that was too
 * small once, no later one would ever find room. One that has not grown for a while is removed.
 */
final class Receptions {
  private static final Logger LOG = LoggerFactory.getLogger(Receptions.class);

  /** Looks after which one that does not grow was given up; half a second lies between two. */
  private static final int LOOKS = 20;

  private final Path directory;
  private Map<Path, Progress> known = Map.of();

  private record Progress(long bytes, int looks) {}

  /** Those in a directory, which need not exist yet. */
  Receptions(Path directory) {
    this.directory = directory;
  }

  /** Removes all of them: at a start none is under way. */
  void discard() throws IOException {
    if (Files.isDirectory(directory)) {
      for (Path reception : list()) {
        FileUtils.deleteFully(reception);
      }
    }
  }

  /** Called now and then, by one thread at a time. */
  void look() {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try {
      Map<Path, Progress> now = new HashMap<>();
      for (Path reception : list()) {
        long bytes = bytes(reception);
        Progress before = known.get(reception);
        int looks = before != null && before.bytes() == bytes ? before.looks() + 1 : 0;
        if (looks < LOOKS) {
          now.put(reception, new Progress(bytes, looks));
        } else {
          LOG.warn("a snapshot that was being received broke off: {} is removed", reception);
          FileUtils.deleteFully(reception);
        }
      }
      known = now;
    } catch (IOException e) {
      LOG.warn("what was received of a snapshot cannot be looked after: {}", e.toString());
    }
  }

  private List<Path> list() throws IOException {
    List<Path> receptions = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
      found.forEach(receptions::add);
    }
    return receptions;
  }

  private static long bytes(Path reception) throws IOException {
    try (var files = Files.walk(reception)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
