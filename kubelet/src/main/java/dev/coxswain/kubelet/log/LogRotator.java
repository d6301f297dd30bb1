package dev.coxswain.kubelet.log;

import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps containers' logs within bounds: a file that has grown too large gets a name with the time
 * and the runtime opens a new one; older ones are compressed, the oldest deleted.
 */
public final class LogRotator {
  private static final Logger LOG = LoggerFactory.getLogger(LogRotator.class);

  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);
  private static final String COMPRESSED = ".gz";
  private static final String UNFINISHED = ".tmp";

  private final Limits limits;
  private final Supplier<Collection<Log>> logs;
  private final Reopener reopener;
  private final Time time;
  private volatile boolean stopped;

  /**
   * How much a container may log.
   *
   * @param bytes the size beyond which a file is rotated
   * @param files the most files, the current one included
   * @param period how often its size is looked at
   */
  public record Limits(long bytes, int files, Duration period) {}

  /** The log that a running container writes. */
  public record Log(String containerId, Path file) {}

  /** Has the runtime write to a new file. */
  @FunctionalInterface
  public interface Reopener {
    /** Fails with the runtime's own exception. */
    void reopen(String containerId);
  }

  /** Rotates these logs. */
  public LogRotator(Limits limits, Supplier<Collection<Log>> logs, Reopener reopener, Time time) {
    this.limits = limits;
    this.logs = logs;
    this.reopener = reopener;
    this.time = time;
  }

  /** Starts on a thread of its own. */
  public void start() {
    Rounds.start("log-rotation", time, () -> !stopped, this::round);
  }

  /** Ends after the round that is under way. */
  public void stop() {
    stopped = true;
  }

  private void round() throws InterruptedException {
    time.sleep(limits.period());
    rotateAll();
  }

  void rotateAll() {
    for (Log log : logs.get()) {
      try {
        if (Files.exists(log.file()) && Files.size(log.file()) > limits.bytes()) {
          rotate(log);
        }
      } catch (IOException | RuntimeException failure) {
        LOG.warn("Log {} is not rotated: {}", log.file(), failure.getMessage());
      }
    }
  }

  private void rotate(Log log) throws IOException {
    clean(log.file());
    List<Path> old = rotated(log.file());
    for (Path file : old) {
      if (!file.toString().endsWith(COMPRESSED)) {
        compress(file);
      }
    }
    Path aside =
        log.file().resolveSibling(log.file().getFileName() + "." + NAME.format(time.now()));
    Files.move(log.file(), aside);
    try {
      reopener.reopen(log.containerId());
    } catch (RuntimeException refused) {
      // The runtime still writes to the file that was moved: it goes back where it is looked for.
      Files.move(aside, log.file());
      throw refused;
    }
  }

  /** Deletes what a crash left half done, and the oldest beyond the most that are kept. */
  private void clean(Path log) throws IOException {
    List<Path> old = rotated(log);
    for (Path file : old) {
      if (file.toString().endsWith(UNFINISHED)) {
        Files.deleteIfExists(file);
      }
    }
    old.removeIf(file -> file.toString().endsWith(UNFINISHED));
    // The current file and the one that is about to be moved aside count as well.
    for (Path file : old.subList(0, Math.max(0, old.size() - (limits.files() - 2)))) {
      Files.deleteIfExists(file);
    }
  }

  /** The rotated files, the oldest first: their names are their times. */
  private static List<Path> rotated(Path log) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(log.getParent(), log.getFileName() + ".*")) {
      files.forEach(found::add);
    }
    found.sort(null);
    return found;
  }

  private static void compress(Path file) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + UNFINISHED);
    try (InputStream in = Files.newInputStream(file);
        OutputStream out = new GZIPOutputStream(Files.newOutputStream(unfinished))) {
      in.transferTo(out);
    }
    Files.move(
        unfinished,
        file.resolveSibling(file.getFileName() + COMPRESSED),
        StandardCopyOption.ATOMIC_MOVE);
    Files.delete(file);
  }
}
