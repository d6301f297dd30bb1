package dev.coxswain.kubelet.volume;

import dev.coxswain.proto.containerd.SnapshotMount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Mounts on this node, made and undone by the mount programs. */
public final class MountTable {
  private static final long PROGRAM_SECONDS = 30;
  private static final Path TABLE = Path.of("/proc/self/mountinfo");

  /** Mounts a memory file system, if nothing is mounted there yet. */
  void tmpfs(Path target, String options) throws IOException {
    memory("tmpfs", target, options);
  }

  /** Mounts a file system of huge pages, if nothing is mounted there yet. */
  void hugePages(Path target, String options) throws IOException {
    memory("hugetlbfs", target, options);
  }

  private void memory(String type, Path target, String options) throws IOException {
    if (!isMountPoint(target)) {
      run("mount", "-t", type, "-o", options, type, target.toString());
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
      unmount(point);
    }
  }

  private static void unmount(Path point) throws IOException {
    try {
      run("umount", point.toString());
    } catch (IOException held) {
      // A server that has gone never lets go by itself; what else is held, force leaves alone.
      run("umount", "-f", point.toString());
    }
  }

  /** Runs mount(8) with these arguments. */
  void mount(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("mount"));
    command.addAll(arguments);
    run(command.toArray(String[]::new));
  }

  /** Mounts a file or directory a second time. */
  void bind(Path source, Path target) throws IOException {
    run("mount", "--bind", source.toString(), target.toString());
  }

  /** Mounts what a snapshot shows, to be read and not to be executed. */
  void view(SnapshotMount view, Path target) throws IOException {
    boolean bind = view.getType().equals("bind");
    Layers layers = Layers.of(view.getOptionsList());
    List<String> options = new ArrayList<>(List.of("ro", "nosuid", "nodev", "noexec"));
    layers.options().stream()
        .filter(option -> !options.contains(option) && !option.equals("rbind"))
        .forEach(options::add);
    List<String> command = new ArrayList<>(List.of("mount"));
    command.addAll(bind ? List.of("--bind") : List.of("-t", view.getType()));
    command.addAll(List.of("-o", String.join(",", options), view.getSource(), target.toString()));
    run(layers.folder(), command.toArray(String[]::new));
  }

  /**
   * An overlay's options with its layers named from their common folder: all that a mount is told
   * must fit into a page of memory.
   */
  record Layers(Path folder, List<String> options) {
    private static final String LOWER = "lowerdir=";

    static Layers of(List<String> options) {
      Optional<String> lower =
          options.stream().filter(option -> option.startsWith(LOWER)).findFirst();
      if (lower.isEmpty()) {
        return new Layers(Path.of("/"), options);
      }
      List<Path> layers =
          Arrays.stream(lower.get().substring(LOWER.length()).split(":", -1))
              .map(Path::of)
              .toList();
      Path first = layers.getFirst();
      @Nullable Path parent = first.getParent();
      // Layers lie at <folder>/<number>/fs.
      @Nullable Path folder = parent == null ? null : parent.getParent();
      if (folder == null) {
        return new Layers(Path.of("/"), options);
      }
      if (!layers.stream().allMatch(layer -> layer.startsWith(folder))) {
        return new Layers(Path.of("/"), options);
      }
      String shorter =
          LOWER
              + layers.stream()
                  .map(layer -> folder.relativize(layer).toString())
                  .collect(Collectors.joining(":"));
      return new Layers(
          folder,
          options.stream().map(option -> option.startsWith(LOWER) ? shorter : option).toList());
    }
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
  record Entry(String device, Path root, Path point) {
    /** What a line says; empty where the root is no path, as that of a name space. */
    static Optional<Entry> of(String line) {
      String[] halves = line.split(" - ", 2);
      String[] fields = halves[0].split(" ", 6);
      if (fields.length < 6 || halves.length < 2 || !fields[3].startsWith("/")) {
        return Optional.empty();
      }
      String root = ofServer(halves[1]).orElse(fields[3]);
      return Optional.of(
          new Entry(fields[2], Path.of(unescape(root)), Path.of(unescape(fields[4]))));
    }

    /** NFS has each directory be a root, but tells by its source where the server has it. */
    private static Optional<String> ofServer(String system) {
      String[] fields = system.split(" ", 3);
      int colon = fields.length < 3 ? -1 : fields[1].indexOf(":/");
      return colon < 0 || !Set.of("nfs", "nfs4").contains(fields[0])
          ? Optional.empty()
          : Optional.of(fields[1].substring(colon + 1));
    }
  }

  private static List<Path> points() throws IOException {
    return entries().stream().map(Entry::point).toList();
  }

  private static List<Entry> entries() throws IOException {
    return Files.readAllLines(TABLE, StandardCharsets.UTF_8).stream()
        .flatMap(line -> Entry.of(line).stream())
        .toList();
  }

  /** The table writes blanks and the like as octal numbers. */
  private static String unescape(String text) {
    return text.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
  }

  private static void run(String... command) throws IOException {
    run(Path.of("/"), command);
  }

  private static void run(Path folder, String... command) throws IOException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(PROGRAM_SECONDS, TimeUnit.SECONDS)) {
        // A helper that waits for a server would outlive who called it.
        process.descendants().forEach(ProcessHandle::destroyForcibly);
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
