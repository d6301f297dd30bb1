package dev.coxswain.kubelet.volume;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Mounts on this node, made and undone by the mount programs. */
public final class MountTable {
  private static final long PROGRAM_SECONDS = 30;
  private static final Path TABLE = Path.of("/proc/self/mountinfo");

  /** Mounts a memory file system, if nothing is mounted there yet. */
  void tmpfs(Path target, String options) throws IOException {
    if (!isMountPoint(target)) {
      run("mount", "-t", "tmpfs", "-o", options, "tmpfs", target.toString());
    }
  }

  /** Whether something is mounted exactly there. */
  public boolean isMountPoint(Path target) throws IOException {
    return points().contains(target.toAbsolutePath().normalize());
  }

  /** Unmounts everything at or below a directory, the deepest first. */
  void unmountBelow(Path root) throws IOException {
    Path top = root.toAbsolutePath().normalize();
    List<Path> below = new ArrayList<>();
    for (Path point : points()) {
      if (point.startsWith(top)) {
        below.addFirst(point);
      }
    }
    for (Path point : below) {
      run("umount", point.toString());
    }
  }

  /** Mounts a file or directory a second time. */
  void bind(Path source, Path target) throws IOException {
    run("mount", "--bind", source.toString(), target.toString());
  }

  /** Whether what is mounted at the target is exactly what lies at the path. */
  boolean shows(Path target, Path path) throws IOException {
    List<Entry> entries = entries();
    Path wanted = path.toAbsolutePath().normalize();
    Entry holder = holder(entries, wanted);
    Entry mounted = holder(entries, target.toAbsolutePath().normalize());
    return mounted.point().equals(target.toAbsolutePath().normalize())
        && mounted.device().equals(holder.device())
        && mounted.root().equals(holder.root().resolve(holder.point().relativize(wanted)));
  }

  /** The mount that a path lies on: the last made of the deepest. */
  private static Entry holder(List<Entry> entries, Path path) throws IOException {
    return entries.reversed().stream()
        .filter(entry -> path.startsWith(entry.point()))
        .max(Comparator.comparingInt(entry -> entry.point().getNameCount()))
        .orElseThrow(() -> new IOException(path + " lies on no mount"));
  }

  /**
   * A line of the table.
   *
   * @param root what of the file system is mounted
   * @param point where
   */
  private record Entry(String device, Path root, Path point) {}

  private static List<Path> points() throws IOException {
    return entries().stream().map(Entry::point).toList();
  }

  private static List<Entry> entries() throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (String line : Files.readAllLines(TABLE, StandardCharsets.UTF_8)) {
      String[] fields = line.split(" ", 6);
      // Name spaces and the like have roots that are no paths.
      if (fields.length > 4 && fields[3].startsWith("/")) {
        entries.add(
            new Entry(fields[2], Path.of(unescape(fields[3])), Path.of(unescape(fields[4]))));
      }
    }
    return entries;
  }

  /** The table writes blanks and the like as octal numbers. */
  private static String unescape(String text) {
    return text.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
  }

  private static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(PROGRAM_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(
            String.join(" ", command) + ": no end after " + PROGRAM_SECONDS + " s");
      }
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.exitValue() != 0) {
        throw new IOException(String.join(" ", command) + ": " + output);
      }
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException(String.join(" ", command) + ": interrupted", interrupted);
    }
  }
}
