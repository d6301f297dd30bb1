package dev.coxswain.e2e;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A node of the cluster made small for a while, so that pods of a test can use it up and nobody
 * else's work counts: its disk is a small file system of its own, for volumes and images, and its
 * kernel seems to have so much memory and so many processes, of which pods use what their control
 * group says.
 */
final class SmallNode implements AutoCloseable {
  static final long MEBI = 1L << 20;
  private static final long DISK = 320 * MEBI;
  private static final int FILES = 40_000;
  private static final long LOOK_MILLIS = 200;
  private static final List<String> POD_MEMORY =
      List.of(
          "sys/fs/cgroup/memory/kubepods/memory.usage_in_bytes",
          "sys/fs/cgroup/kubepods/memory.current");
  private static final List<String> POD_PROCESSES =
      List.of("sys/fs/cgroup/pids/kubepods/pids.current", "sys/fs/cgroup/kubepods/pids.current");

  /** So many processes it seems to hold, of which there seem to be none but those of pods. */
  private static final int PROCESSES = 1000;

  private final Cluster cluster;
  private final String name;
  private final Path disk;
  private final Path memory;
  private final Path load;
  private final Path mostProcesses;
  private final Path configuration;
  private volatile long podMemory;
  private final ScheduledExecutorService kernel = Executors.newSingleThreadScheduledExecutor();

  private SmallNode(Cluster cluster, String name, Path folder) {
    this.cluster = cluster;
    this.name = name;
    this.disk = cluster.home().resolve("data").resolve(name).resolve("var/lib");
    this.memory = folder.resolve("meminfo");
    this.load = folder.resolve("loadavg");
    this.mostProcesses = folder.resolve("pid_max");
    this.configuration = cluster.home().resolve("kubelet.yaml");
  }

  /** Turns the node off and on again as a small one. */
  static SmallNode make(
      Cluster cluster, String name, Path folder, String configuration, long podMemory)
      throws IOException {
    SmallNode node = new SmallNode(cluster, name, folder);
    try {
      Files.writeString(node.configuration, configuration);
      cluster.cox("node", "stop", name).orFail();
      node.run(
          "mount",
          "-t",
          "tmpfs",
          "-o",
          "mode=755,size=" + DISK + ",nr_inodes=" + FILES,
          "none",
          node.disk.toString());
      cluster.cox("node", "start", name).orFail();
      node.pretend(podMemory);
      return node;
    } catch (Throwable failure) {
      node.close();
      throw failure;
    }
  }

  /** Has it so much memory for pods from now on, in bytes. */
  void podMemory(long bytes) {
    podMemory = bytes;
  }

  /** How much memory its pods use, in bytes. */
  long podsUse() {
    return used(Path.of("/proc/" + process() + "/root"), POD_MEMORY);
  }

  /** What is free on its disk. */
  long free() {
    try {
      return Files.getFileStore(disk).getUsableSpace();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Imports images that nobody has pinned. */
  void importImages(Path archive) {
    inside("ctr", "-n", "k8s.io", "images", "import", archive.toString());
  }

  /** The ids of the containers that it has, whether or not they run. */
  List<String> containers() {
    return inside("ctr", "-n", "k8s.io", "containers", "list", "--quiet").lines().toList();
  }

  /** The names of the images that it has; the runtime lists each by its digest as well. */
  List<String> images() {
    return inside("ctr", "-n", "k8s.io", "images", "list", "--quiet")
        .lines()
        .filter(name -> !name.startsWith("sha256:"))
        .toList();
  }

  private void pretend(long bytes) throws IOException {
    podMemory = bytes;
    Files.writeString(mostProcesses, PROCESSES + "\n");
    writeMemory(0);
    writeLoad(0);
    inside("mount", "--bind", memory.toString(), "/proc/meminfo");
    inside("mount", "--bind", load.toString(), "/proc/loadavg");
    inside("mount", "--bind", mostProcesses.toString(), "/proc/sys/kernel/pid_max");
    Path root = Path.of("/proc/" + process() + "/root");
    Future<?> _ =
        kernel.scheduleAtFixedRate(
            () -> {
              writeMemory(used(root, POD_MEMORY));
              writeLoad(used(root, POD_PROCESSES));
            },
            0,
            LOOK_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  private static long used(Path root, List<String> files) {
    try {
      for (String file : files) {
        if (Files.exists(root.resolve(file))) {
          return Long.parseLong(Files.readString(root.resolve(file)).strip());
        }
      }
      return 0;
    } catch (IOException itIsBeingTurnedOff) {
      return 0;
    }
  }

  private void writeMemory(long used) {
    long total = podMemory;
    write(
        memory,
        "MemTotal:       %12d kB%nMemAvailable:   %12d kB%n"
            .formatted(total / 1024, Math.max(0, total - used) / 1024));
  }

  private void writeLoad(long processes) {
    write(load, "0.00 0.00 0.00 1/%06d 1%n".formatted(processes));
  }

  /** In one write and always of the same length, so that nobody reads half of it. */
  private static void write(Path into, String text) {
    try (RandomAccessFile file = new RandomAccessFile(into.toFile(), "rw")) {
      file.write(text.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private String inside(String... command) {
    List<String> line =
        new ArrayList<>(List.of("nsenter", "-t", Long.toString(process()), "-m", "-n", "-p", "--"));
    line.addAll(List.of(command));
    return run(line.toArray(String[]::new));
  }

  /** Its first process. */
  private long process() {
    return Cluster.stream(cluster.status().path("nodes"))
        .filter(node -> node.path("name").asString("").equals(name))
        .map(node -> node.path("pid").asLong())
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is off"));
  }

  private String run(String... command) {
    return cluster.shell().run(Duration.ofMinutes(2), List.of(command)).orFail();
  }

  /** The node as it was. */
  @Override
  public void close() {
    kernel.shutdownNow();
    cluster.cox("node", "stop", name).orFail();
    run("sh", "-c", "! mountpoint -q \"$0\" || umount \"$0\"", disk.toString());
    try {
      Files.deleteIfExists(configuration);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    cluster.cox("node", "start", name).orFail();
    cluster.kubectl("wait", "--for=condition=Ready", "node/" + name, Cluster.PATIENTLY);
  }
}
