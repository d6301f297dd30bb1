package dev.coxswain.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a cluster has on this machine: its processes by their control group, their namespaces, and
 * whatever names the cluster among mounts, control groups, links, routes and packet rules. What
 * other clusters have beside it does not count.
 */
final class Traces {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Path PROC = Path.of("/proc");
  private static final Path CONTROL_GROUPS = Path.of("/sys/fs/cgroup");

  private final Cluster cluster;
  private final String id;
  private final String subnet;
  private final Set<String> namespaces;

  private Traces(Cluster cluster, String id, String subnet, Set<String> namespaces) {
    this.cluster = cluster;
    this.id = id;
    this.subnet = subnet;
    this.namespaces = namespaces;
  }

  /** What to look for, read from a cluster that is up. */
  static Traces of(Cluster cluster, String stateFile) {
    String id = stateFile.replaceFirst("(?s).*?\"id\" : \"([0-9a-f]+)\".*", "$1");
    String subnet =
        stateFile.replaceFirst("(?s).*?\"subnet\" : (\\d+).*", "$1").transform("10.89."::concat);
    Set<String> namespaces = new TreeSet<>();
    Set<String> own = namespaces(PROC.resolve("self"));
    processes()
        .filter(process -> text(process.resolve("cgroup")).contains("coxswain-" + id))
        .forEach(process -> namespaces.addAll(namespaces(process)));
    namespaces.removeAll(own);
    return new Traces(cluster, id, subnet + ".", namespaces);
  }

  /** How many namespaces the cluster made; a cluster without any was not looked at. */
  int namespaceCount() {
    return namespaces.size();
  }

  /** One line for each trace that can be seen now. */
  List<String> left() {
    Set<String> left = new TreeSet<>();
    processes()
        .forEach(process -> {
          String group = text(process.resolve("cgroup"));
          if (group.contains("coxswain-" + id)) {
            left.add("process " + text(process.resolve("cmdline")).replace('\0', ' '));
          } else if (group.contains("coxswain-")) {
            // Another cluster's; the kernel gives the numbers of namespaces that are gone again.
            return;
          }
          namespaces(process).stream()
              .filter(namespaces::contains)
              .forEach(namespace -> left.add("namespace " + namespace));
        });
    lines("mount", "cat", "/proc/self/mountinfo")
        .filter(line -> line.contains(cluster.home().toString()))
        .forEach(left::add);
    lines("link", "ip", "-o", "link").filter(line -> line.contains("cox-" + id)).forEach(left::add);
    lines("route", "ip", "route", "show", "table", "all")
        .filter(line -> line.contains(subnet))
        .forEach(left::add);
    lines("rule", "iptables-save").filter(line -> line.contains(subnet)).forEach(left::add);
    try (Stream<Path> groups = Files.find(CONTROL_GROUPS, 3, (path, what) -> what.isDirectory())) {
      groups
          .filter(group -> group.getFileName().toString().equals("coxswain-" + id))
          .forEach(group -> left.add("control group " + group));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
    return List.copyOf(left);
  }

  private Stream<String> lines(String kind, String... command) {
    return cluster
        .shell()
        .run(LIMIT, List.of(command))
        .orFail()
        .lines()
        .map(line -> kind + " " + line);
  }

  /** The dead that nobody has asked after yet are none. */
  private static Stream<Path> processes() {
    try (Stream<Path> entries = Files.list(PROC)) {
      return entries
          .filter(entry -> entry.getFileName().toString().matches("\\d+"))
          .filter(entry -> !text(entry.resolve("stat")).contains(") Z "))
          .toList()
          .stream();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** The namespaces of a process; none when it is gone. */
  private static Set<String> namespaces(Path process) {
    try (Stream<Path> links = Files.list(process.resolve("ns"))) {
      return links.map(Traces::target).filter(name -> !name.isEmpty()).collect(Collectors.toSet());
    } catch (IOException | UncheckedIOException gone) {
      return Set.of();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException gone) {
      return "";
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException gone) {
      return "";
    }
  }
}
