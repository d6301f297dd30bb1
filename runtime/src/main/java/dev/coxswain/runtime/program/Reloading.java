package dev.coxswain.runtime.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A value made from files, made again when they have changed. It looks when it is asked, so there
 * is nothing that runs while nobody asks. A change that cannot be used keeps the value as it was
 * and is logged once.
 */
public final class Reloading<V> {
  private static final Logger LOG = LoggerFactory.getLogger(Reloading.class);

  private final Object source;
  private final Supplier<@Nullable Object> version;
  private final Supplier<V> maker;
  private @Nullable Object made;
  private volatile V value;

  /**
   * Makes the first value; its failure is the caller's.
   *
   * @param source what the value is made from, for the log
   * @param version something that differs once that may have changed; null while it cannot be told
   */
  public Reloading(Object source, Supplier<@Nullable Object> version, Supplier<V> maker) {
    this.source = source;
    this.version = version;
    this.maker = maker;
    this.made = version.get();
    this.value = maker.get();
  }

  /** A value made from one file. */
  public static <V> Reloading<V> file(Path file, Supplier<V> maker) {
    return new Reloading<>(file, () -> version(file), maker);
  }

  /** The value as of now. */
  public synchronized V current() {
    Object now = version.get();
    if (now != null && !now.equals(made)) {
      made = now;
      try {
        value = maker.get();
        LOG.info("loaded {} again, which had changed", source);
      } catch (RuntimeException e) {
        LOG.warn(
            "{} changed but cannot be used, going on with the old: {}", source, e.getMessage());
      }
    }
    return value;
  }

  private record Version(FileTime modified, long size, @Nullable Object fileKey) {}

  /** What tells one state of a file from the next; null while there is no such file. */
  public static @Nullable Object version(Path file) {
    try {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return new Version(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
    } catch (IOException e) {
      return null;
    }
  }
}
