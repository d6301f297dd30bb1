package dev.coxswain.store.backup;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The snapshots beside a member's data: complete files named after the moment and the revision,
 * {@code snapshot-20260131T120000Z-rev0000000042.db}, of which the newest few are kept. Which those
 * are their revisions say: a clock may have been wrong when an older one was taken. What is still
 * being written ends in {@code .tmp}, and no other file is touched.
 */
public final class LocalSnapshots {
  private static final String PREFIX = "snapshot-";
  private static final String SUFFIX = ".db";
  private static final Pattern COMPLETE = Pattern.compile("snapshot-\\w+-rev(\\d{10,18})\\.db");
  private static final Comparator<Path> AGE =
      Comparator.comparingLong(LocalSnapshots::revision).thenComparing(Comparator.naturalOrder());
  private static final String UNFINISHED = ".tmp";
  private static final int BUFFER_BYTES = 1 << 16;
  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Path directory;

  /** Writes the database to a file that does not exist yet, and returns the revision it holds. */
  @FunctionalInterface
  public interface Source {
    /** May take long. */
    long write(Path file) throws IOException;
  }

  /** Opens the directory, readable by its owner alone, and removes what a crash left unfinished. */
  public LocalSnapshots(Path directory) throws IOException {
    this.directory = directory;
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + UNFINISHED)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  /** A name for a file that will not stay. */
  public Path unfinished(String name) {
    return directory.resolve(name + UNFINISHED);
  }

  /** Takes a snapshot, then removes the oldest ones beyond the number kept. */
  public Path take(Source source, Instant now, int kept) throws IOException {
    Path unfinished = unfinished("scheduled");
    Files.deleteIfExists(unfinished);
    try {
      long revision = source.write(unfinished);
      seal(unfinished);
      Path file =
          directory.resolve(
              "%s%s-rev%010d%s".formatted(PREFIX, MOMENT.format(now), revision, SUFFIX));
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
      prune(kept);
      return file;
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  /** The complete snapshots, newest first. */
  public List<Path> all() throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, PREFIX + "*" + SUFFIX)) {
      for (Path file : files) {
        if (name(file).matches()) {
          found.add(file);
        }
      }
    }
    found.sort(AGE.reversed());
    return found;
  }

  private static Matcher name(Path file) {
    return COMPLETE.matcher(String.valueOf(file.getFileName()));
  }

  private static long revision(Path file) {
    Matcher name = name(file);
    return name.matches() ? Long.parseLong(name.group(1)) : 0;
  }

  private void prune(int kept) throws IOException {
    List<Path> files = all();
    for (Path file : files.subList(Math.min(kept, files.size()), files.size())) {
      Files.delete(file);
    }
  }

  /** Puts the checksum behind a database file and has all of it flushed. */
  public static void seal(Path file) throws IOException {
    MessageDigest digest = SnapshotChecksum.digest();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
      ByteBuffer trailer = ByteBuffer.wrap(digest.digest());
      while (trailer.hasRemaining()) {
        channel.write(trailer);
      }
      channel.force(true);
    }
  }
}
