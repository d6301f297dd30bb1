package dev.coxswain.kubelet.volume;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a volume's files so that a reader sees all of the old or all of the new: the files stand
 * in a directory named after the time, {@code ..data} points to it and is replaced by one rename,
 * and the visible names point through {@code ..data}.
 */
final class AtomicWriter {
  private static final String DATA = "..data";
  private static final String NEW_DATA = "..data_tmp";
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("'..'yyyy_MM_dd_HH_mm_ss.nnnnnnnnn").withZone(ZoneOffset.UTC);

  private final Path volume;

  AtomicWriter(Path volume) {
    this.volume = volume;
  }

  /**
   * Makes the volume show exactly these files; true if that changed anything.
   *
   * @param group owns the files; null leaves the kubelet's own
   */
  boolean write(Map<String, FileContent> files, @Nullable Long group, Instant now)
      throws IOException {
    for (String path : files.keySet()) {
      check(path);
    }
    @Nullable Path current = current();
    if (current != null && shows(current, files)) {
      return false;
    }
    Path fresh = volume.resolve(NAME.format(now));
    FileTrees.delete(fresh);
    FileTrees.directory(fresh, 0755);
    for (Map.Entry<String, FileContent> file : files.entrySet()) {
      Path target = fresh.resolve(file.getKey());
      for (Path parent = target.getParent();
          parent != null && !parent.equals(fresh) && !Files.exists(parent);
          parent = parent.getParent()) {
        FileTrees.directory(parent, 0755);
      }
      Files.write(target, file.getValue().bytes());
      FileTrees.mode(target, file.getValue().mode());
      @Nullable Long owner = file.getValue().owner();
      if (owner != null) {
        Files.setAttribute(target, "unix:uid", owner.intValue());
      }
    }
    if (group != null) {
      FileTrees.giveToGroup(fresh, group, true);
    }
    Path pointer = volume.resolve(NEW_DATA);
    Files.deleteIfExists(pointer);
    Files.createSymbolicLink(pointer, fresh.getFileName());
    Files.move(pointer, volume.resolve(DATA), StandardCopyOption.ATOMIC_MOVE);
    showNames(files.keySet());
    if (current != null && !current.equals(fresh)) {
      FileTrees.delete(current);
    }
    return true;
  }

  private @Nullable Path current() throws IOException {
    Path pointer = volume.resolve(DATA);
    return Files.isSymbolicLink(pointer)
        ? volume.resolve(Files.readSymbolicLink(pointer)).normalize()
        : null;
  }

  private static boolean shows(Path current, Map<String, FileContent> files) throws IOException {
    if (!Files.isDirectory(current, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    Set<String> present = new HashSet<>();
    try (var walk = Files.walk(current)) {
      for (Path file : (Iterable<Path>) walk::iterator) {
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          String name = current.relativize(file).toString();
          @Nullable FileContent wanted = files.get(name);
          if (wanted == null
              || !java.util.Arrays.equals(wanted.bytes(), Files.readAllBytes(file))) {
            return false;
          }
          present.add(name);
        }
      }
    }
    return present.equals(files.keySet());
  }

  private void showNames(Set<String> paths) throws IOException {
    Set<String> heads = new HashSet<>();
    for (String path : paths) {
      heads.add(Path.of(path).getName(0).toString());
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(volume)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (!name.startsWith("..") && !heads.contains(name)) {
          FileTrees.delete(entry);
        }
      }
    }
    for (String head : heads) {
      Path link = volume.resolve(head);
      if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
        Files.createSymbolicLink(link, Path.of(DATA, head));
      }
    }
  }

  private static void check(String path) throws IOException {
    Path relative = Path.of(path);
    boolean climbs = false;
    for (Path name : relative) {
      climbs |= name.toString().equals("..");
    }
    if (path.isEmpty() || relative.isAbsolute() || climbs || path.startsWith("..")) {
      throw new IOException("invalid path \"" + path + "\": it must be relative and without ..");
    }
  }
}
