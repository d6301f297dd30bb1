package dev.coxswain.apiserver.audit;

import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A log file that is set aside when it has grown: {@code audit.log} becomes {@code
 * audit-2026-11-21T10-23-38.123.log}, and what is too old or too much is deleted. Readable by its
 * owner alone.
 */
final class LogFile implements AuditLog.Target {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss.SSS").withZone(ZoneOffset.UTC);

  private static final Set<StandardOpenOption> APPEND =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);

  private final Path path;
  private final Limits limits;
  private final Time time;
  private FileChannel channel;
  private long size;

  /**
   * What is kept.
   *
   * @param bytes how large a file may become
   * @param age how long a file that was set aside is kept; zero for ever
   * @param backups how many files that were set aside are kept; 0 for all
   */
  record Limits(long bytes, Duration age, int backups) {}

  LogFile(Path path, Limits limits, Time time) throws IOException {
    this.path = path.toAbsolutePath();
    this.limits = limits;
    this.time = time;
    Path folder = this.path.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    this.channel = open(this.path);
    this.size = channel.size();
  }

  private static FileChannel open(Path path) throws IOException {
    return FileChannel.open(
        path,
        APPEND,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  @Override
  public void write(List<byte[]> lines) throws IOException {
    if (!channel.isOpen()) {
      // An interrupt closes a channel.
      channel = open(path);
      size = channel.size();
    }
    int bytes = lines.stream().mapToInt(line -> line.length + 1).sum();
    if (size > 0 && size + bytes > limits.bytes()) {
      rotate();
    }
    ByteBuffer all = ByteBuffer.allocate(bytes);
    lines.forEach(line -> all.put(line).put((byte) '\n'));
    all.flip();
    try {
      long at = size;
      while (all.hasRemaining()) {
        at += channel.write(all, at);
      }
      size = at;
    } catch (IOException e) {
      // Half a line would spoil the next.
      if (channel.isOpen()) {
        channel.truncate(size);
      }
      throw e;
    }
  }

  private void rotate() throws IOException {
    channel.close();
    Files.move(path, path.resolveSibling(stem() + STAMP.format(time.now()) + ending()));
    channel = open(path);
    size = channel.size();
    prune();
  }

  private String stem() {
    String name = name();
    int dot = name.lastIndexOf('.');
    return (dot < 0 ? name : name.substring(0, dot)) + "-";
  }

  private String ending() {
    String name = name();
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(dot);
  }

  private String name() {
    return path.getName(path.getNameCount() - 1).toString();
  }

  private void prune() throws IOException {
    List<Path> oldestLast;
    try (Stream<Path> siblings = Files.list(path.resolveSibling(""))) {
      oldestLast =
          siblings
              .filter(file -> setAside(file).isPresent())
              .sorted(Comparator.comparing((Path file) -> file.toString()).reversed())
              .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    for (int i = 0; i < oldestLast.size(); i++) {
      Instant when = setAside(oldestLast.get(i)).orElseThrow();
      boolean tooMany = limits.backups() > 0 && i >= limits.backups();
      boolean tooOld = !limits.age().isZero() && when.plus(limits.age()).isBefore(time.now());
      if (tooMany || tooOld) {
        Files.deleteIfExists(oldestLast.get(i));
      }
    }
  }

  /** When a file of this log was set aside; empty for other files. */
  private Optional<Instant> setAside(Path file) {
    String name = String.valueOf(file.getFileName());
    boolean ours =
        name.startsWith(stem())
            && name.endsWith(ending())
            && name.length() > stem().length() + ending().length();
    if (!ours) {
      return Optional.empty();
    }
    try {
      String stamp = name.substring(stem().length(), name.length() - ending().length());
      return Optional.of(Instant.from(STAMP.parse(stamp)));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
