package dev.coxswain.kubelet.log;

import dev.coxswain.runtime.time.Time;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Reads a container's log, and follows it over rotations until the container ends. */
public final class LogReader {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int BLOCK = 64 * 1024;

  /** The runtime is asked for a new file at once; it may be busy. */
  private static final Duration TURNING_OVER = Duration.ofSeconds(5);

  /** CRI cuts lines at 16 KiB; with its time and tag an entry stays below this. */
  private static final int LONGEST_ENTRY = 256 * 1024;

  private final Path file;
  private final LogQuery query;
  private final OutputStream out;
  private final Time time;
  private final ByteArrayOutputStream entry = new ByteArrayOutputStream();
  private boolean lineOpen;
  private long left;

  /** Reads from the file into the stream. */
  public LogReader(Path file, LogQuery query, OutputStream out, Time time) {
    this.file = file;
    this.query = query;
    this.out = out;
    this.time = time;
    this.left = query.limitBytes() < 0 ? Long.MAX_VALUE : query.limitBytes();
  }

  /**
   * Whether there is a log. While it is turned over, there is none for a moment: that is waited
   * for.
   */
  public static boolean awaitFile(Path file, Time time) throws IOException, InterruptedException {
    long deadline = time.nanos() + TURNING_OVER.toNanos();
    while (!Files.exists(file)) {
      if (!wasRotated(file) || time.nanos() - deadline >= 0) {
        return false;
      }
      time.sleep(POLL);
    }
    return true;
  }

  private static boolean wasRotated(Path file) throws IOException {
    try (DirectoryStream<Path> older =
        Files.newDirectoryStream(file.getParent(), file.getFileName() + ".*")) {
      return older.iterator().hasNext();
    } catch (NotDirectoryException | NoSuchFileException none) {
      return false;
    }
  }

  /**
   * Reads until the end or, following, until nothing more can come.
   *
   * @param running whether the container may still write
   */
  public void read(BooleanSupplier running) throws IOException, InterruptedException {
    long position = 0;
    if (query.tailLines() >= 0) {
      try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
        position = LogTail.start(in, query.tailLines());
      }
    }
    while (left > 0) {
      boolean last = !query.follow() || !running.getAsBoolean();
      Object key = fileKey();
      try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
        position = drain(in, position);
        out.flush();
        while (!last && left > 0) {
          time.sleep(POLL);
          last = !running.getAsBoolean();
          position = drain(in, position);
          out.flush();
          if (rotated(key, position)) {
            // What was written between the last look and the rotation stands in the old file alone.
            drain(in, position);
            break;
          }
        }
      }
      if (rotated(key, position)) {
        position = 0;
        entry.reset();
      } else if (last) {
        return;
      }
    }
  }

  private Object fileKey() throws IOException {
    Object key =
        Files.readAttributes(file, java.nio.file.attribute.BasicFileAttributes.class).fileKey();
    return key == null ? file : key;
  }

  private boolean rotated(Object key, long position) throws IOException {
    try {
      return !fileKey().equals(key) || Files.size(file) < position;
    } catch (NoSuchFileException betweenTwo) {
      return false;
    }
  }

  private long drain(RandomAccessFile in, long from) throws IOException {
    long position = from;
    in.seek(position);
    byte[] block = new byte[BLOCK];
    int count = in.read(block);
    while (count > 0 && left > 0) {
      position += count;
      for (int at = 0; at < count && left > 0; at++) {
        if (block[at] == '\n') {
          take();
        } else if (entry.size() < LONGEST_ENTRY) {
          entry.write(block[at]);
        }
      }
      count = in.read(block);
    }
    return position;
  }

  private void take() throws IOException {
    byte[] bytes = entry.toByteArray();
    entry.reset();
    Optional<LogLine> parsed = LogLine.parse(bytes, bytes.length);
    if (parsed.isEmpty() || !query.streams().take(parsed.get().stderr())) {
      return;
    }
    LogLine line = parsed.get();
    if (query.since() != null && line.time().isBefore(query.since())) {
      return;
    }
    if (query.timestamps() && !lineOpen) {
      put((line.fixedTimestamp() + " ").getBytes(StandardCharsets.US_ASCII));
    }
    put(line.content());
    if (!line.partial()) {
      put(new byte[] {'\n'});
    }
    lineOpen = line.partial();
  }

  private void put(byte[] bytes) throws IOException {
    int count = (int) Math.min(bytes.length, left);
    out.write(bytes, 0, count);
    left -= count;
  }
}
