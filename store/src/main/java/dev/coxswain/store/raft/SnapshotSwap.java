package dev.coxswain.store.raft;

import dev.coxswain.store.disk.DamagedException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.ratis.util.FileUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is looked after before Ratis reads a group's snapshots. For one that a leader has sent, it
 * moves the directory of those that were there aside, by a name with the time in it, moves the new
 * one to its place and removes the old one. A member that ends in between has none in that place,
 * or keeps the old ones for ever; Ratis does not look for either, and would wait for entries that
 * the log has no more.
 */
final class SnapshotSwap {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotSwap.class);
  private static final String ASIDE = Survivor.SNAPSHOTS + ".tmp*";

  private SnapshotSwap() {}

  /** Ends what a crash left half done in a group's directory, which need not be there yet. */
  static void settle(Path group) throws IOException {
    if (!Files.isDirectory(group)) {
      return;
    }
    List<Path> aside = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(group, ASIDE)) {
      found.forEach(aside::add);
    }
    Path place = group.resolve(Survivor.SNAPSHOTS);
    if (!aside.isEmpty() && !Files.exists(place)) {
      Path newest = Collections.max(aside);
      LOG.warn("a snapshot was not put in its place to the end: {} is back", newest);
      Files.move(newest, place, StandardCopyOption.ATOMIC_MOVE);
      aside.remove(newest);
    }
    for (Path old : aside) {
      LOG.info("snapshots that a newer one has replaced are removed: {}", old);
      FileUtils.deleteFully(old);
    }
  }

  /** Fails when a group's log goes on from a place that its snapshots do not reach. */
  static void check(Path group) throws IOException {
    long reached = Survivor.snapshotIndex(group);
    long first = Survivor.firstEntry(group).orElse(0);
    if (first > reached + 1) {
      throw new DamagedException(
          "%s has lost its snapshot: entries %d to %d are missing"
              .formatted(group, reached + 1, first - 1));
    }
  }
}
