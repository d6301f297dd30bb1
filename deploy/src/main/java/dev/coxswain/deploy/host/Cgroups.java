package dev.coxswain.deploy.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The machine's cgroup hierarchies: one directory per controller with version 1, one in all with
 * version 2.
 *
 * @param hierarchies where each is mounted
 * @param unified whether this is version 2 alone
 */
public record Cgroups(List<Path> hierarchies, boolean unified) {

  /**
   * Reads what is mounted. A version 2 tree beside version 1 controllers (hybrid) is left alone.
   */
  public static Cgroups detect() {
    var version1 = new ArrayList<Path>();
    var version2 = new ArrayList<Path>();
    try {
      for (String mount : Files.readAllLines(Path.of("/proc/self/mounts"))) {
        String[] fields = mount.split(" ", -1);
        if (fields[2].equals("cgroup")) {
          version1.add(Path.of(fields[1]));
        } else if (fields[2].equals("cgroup2")) {
          version2.add(Path.of(fields[1]));
        }
      }
    } catch (IOException unreadable) {
      throw new CoxException("/proc is not readable: " + unreadable.getMessage(), unreadable);
    }
    boolean memory = version1.stream().anyMatch(path -> path.toString().contains("memory"));
    if (memory) {
      return new Cgroups(List.copyOf(version1), false);
    }
    if (version2.isEmpty()) {
      throw new CoxException("no cgroups are mounted under /sys/fs/cgroup; mount them first");
    }
    return new Cgroups(List.of(version2.getFirst()), true);
  }

  /** Makes the group (a relative path) in every hierarchy and returns its directories. */
  public List<Path> make(String group) {
    var made = new ArrayList<Path>();
    for (Path hierarchy : hierarchies) {
      Path parent = hierarchy;
      for (Path part : Path.of(group)) {
        Path child = parent.resolve(part);
        try {
          Files.createDirectories(child);
          inheritCpuset(parent, child);
          if (unified) {
            delegate(parent);
          }
        } catch (IOException failed) {
          throw new CoxException(
              "cannot make the cgroup " + child + ": " + failed.getMessage(), failed);
        }
        parent = child;
      }
      made.add(parent);
    }
    return made;
  }

  /** Removes the group and everything below it; says whether nothing of it is left. */
  public boolean remove(String group) {
    boolean gone = true;
    for (Path hierarchy : hierarchies) {
      Path root = hierarchy.resolve(group);
      if (!Files.isDirectory(root)) {
        continue;
      }
      try (var tree = Files.walk(root)) {
        for (Path directory :
            tree.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
          gone &= removeOne(directory);
        }
      } catch (IOException | java.io.UncheckedIOException changing) {
        gone = false;
      }
    }
    return gone;
  }

  /** A cgroup directory goes by rmdir, although it lists files. */
  private static boolean removeOne(Path directory) {
    try {
      Files.delete(directory);
      return true;
    } catch (NoSuchFileException already) {
      return true;
    } catch (IOException busy) {
      return false;
    }
  }

  /** A new version 1 cpuset takes no process before it is told its processors and memory. */
  private static void inheritCpuset(Path parent, Path child) throws IOException {
    for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
      Path own = child.resolve(file);
      Path above = parent.resolve(file);
      if (Files.exists(own) && Files.exists(above) && Files.readString(own).isBlank()) {
        Files.writeString(own, Files.readString(above));
      }
    }
  }

  /** Version 2: a child has only the controllers that its parent hands down. */
  private static void delegate(Path parent) throws IOException {
    Path control = parent.resolve("cgroup.subtree_control");
    for (String controller :
        Files.readString(parent.resolve("cgroup.controllers")).strip().split(" ", -1)) {
      if (!controller.isEmpty()) {
        enable(control, controller);
      }
    }
  }

  /**
   * A controller that this group was not given itself cannot be handed on: then it does without.
   */
  private static boolean enable(Path control, String controller) {
    try {
      Files.writeString(control, "+" + controller);
      return true;
    } catch (IOException notOurs) {
      return false;
    }
  }
}
