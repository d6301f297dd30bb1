package dev.coxswain.runtime.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Small files that are there whole, as before or as now, also after a power failure. Each has one
 * writer at a time, in a directory that is there.
 */
public final class DurableFile {
  private static final String UNFINISHED = ".new";

  private DurableFile() {}

  /**
   * Writes a file anew, for its owner alone from its first byte on; on return it is on the disk.
   */
  public static void writeSecret(Path file, String text) throws IOException {
    write(file, text.getBytes(StandardCharsets.UTF_8), "rw-------");
  }

  /** Writes a file anew that everybody may read; on return it is on the disk. */
  public static void writePublic(Path file, String text) throws IOException {
    write(file, text.getBytes(StandardCharsets.UTF_8), "rw-r--r--");
  }

  private static void write(Path file, byte[] content, String mode) throws IOException {
    Path unfinished = unfinished(file);
    Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(mode);
    Files.deleteIfExists(unfinished);
    try {
      try (FileChannel channel =
          FileChannel.open(
              unfinished,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(permissions))) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        // What the process' mask has taken away.
        Files.setPosixFilePermissions(unfinished, permissions);
        channel.force(true);
      }
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // Half a file is of no use, and the disk may be full of it.
      Files.deleteIfExists(unfinished);
      throw e;
    }
    syncDirectory(file);
  }

  /** Deletes a file, if it is there, and what a crash may have left of a new one. */
  public static void delete(Path file) throws IOException {
    Files.deleteIfExists(unfinished(file));
    Files.deleteIfExists(file);
  }

  private static Path unfinished(Path file) {
    return file.resolveSibling(file.getFileName() + UNFINISHED);
  }

  /** Makes it last that a file was put into its directory. */
  public static void syncDirectory(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
        directory.force(true);
      }
    }
  }
}
