package dev.coxswain.kubelet.cgroup;

import dev.coxswain.kubelet.pod.QosClass;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control groups of pods: {@code /kubepods/<class>/pod<uid>}, with the Guaranteed ones directly
 * below {@code /kubepods}. Works on cgroup v1 (a hierarchy for each controller) and v2 (one for
 * all), found out once at the start.
 */
public final class PodCgroups {
  private static final Logger LOG = LoggerFactory.getLogger(PodCgroups.class);

  private static final String V2_CONTROLLERS = "+cpu +memory +pids +cpuset +io";

  private final Path mount;
  private final String root;
  private final boolean unified;
  private final long pidsLimit;

  /**
   * The CPU shares that Burstable pods asked for, by uid, guarded by itself: together they are
   * their class's. As many as there are pods; {@link #remove} drops a pod's with the pod.
   */
  private final Map<String, Long> burstable = new HashMap<>();

  /**
   * Control groups below the mount.
   *
   * @param mount {@code /sys/fs/cgroup}
   * @param cgroupRoot the group below which all stand, such as {@code /}
   * @param pidsLimit the most processes of a pod; 0 for no limit
   */
  public PodCgroups(Path mount, String cgroupRoot, long pidsLimit) {
    this.mount = mount;
    this.root = cgroupRoot.equals("/") ? "" : cgroupRoot;
    this.unified = Files.exists(mount.resolve("cgroup.controllers"));
    this.pidsLimit = pidsLimit;
  }

  /** The pod's group as CRI wants it, with a leading slash. */
  public String parent(Pod pod) {
    return classParent(QosClass.of(pod.getSpec())) + "/pod" + pod.getMetadata().getUid();
  }

  /** Makes the pod's group and sets what all its containers may use together. May be repeated. */
  public void create(Pod pod) throws IOException {
    Amounts amounts = Amounts.of(pod);
    String group = parent(pod);
    if (unified) {
      createUnified(group, amounts);
    } else {
      createSplit(group, amounts);
    }
    switch (QosClass.of(pod.getSpec())) {
      // Its pods stand beside all others, and none of the classes is between.
      case GUARANTEED -> {}
      case BURSTABLE ->
          weighBurstable(shares ->
              shares.put(
                  pod.getMetadata().getUid(),
                  amounts.shares() > Amounts.LEAST_SHARES ? amounts.shares() : 0));
      case BEST_EFFORT -> weigh(QosClass.BEST_EFFORT, Amounts.LEAST_SHARES);
    }
  }

  /**
   * A class's group counts among those beside it for what its pods asked for, not for the kernel's
   * default: else pods that asked for nothing would get as much of a busy node as those that did.
   */
  private void weighBurstable(Consumer<Map<String, Long>> change) throws IOException {
    synchronized (burstable) {
      change.accept(burstable);
      long sum = burstable.values().stream().mapToLong(Long::longValue).sum();
      weigh(QosClass.BURSTABLE, Math.max(sum, Amounts.LEAST_SHARES));
    }
  }

  private void weigh(QosClass qos, long shares) throws IOException {
    String group = classParent(qos);
    if (unified) {
      write(below(mount, group), "cpu.weight", Long.toString(Amounts.weight(shares)));
    } else {
      write(below(mount.resolve("cpu"), group), "cpu.shares", Long.toString(shares));
    }
  }

  /**
   * Takes the pod's limits away until {@link #create} sets them anew, so that its containers' can
   * be changed in any order.
   */
  public void lift(Pod pod) throws IOException {
    String group = parent(pod);
    if (unified) {
      Path at = below(mount, group);
      write(at, "cpu.max", "max " + Amounts.PERIOD);
      write(at, "memory.max", "max");
    } else {
      write(below(mount.resolve("cpu"), group), "cpu.cfs_quota_us", "-1");
      write(below(mount.resolve("memory"), group), "memory.limit_in_bytes", "-1");
    }
  }

  /**
   * What the runtime sets of cgroup v2 for each container, by file. Where memory ends, all of a
   * container's processes are killed, as upstream does there; v1 cannot: it kills one, and the
   * others go on.
   */
  public Map<String, String> ofEachContainer() {
    return unified ? Map.of("memory.oom.group", "1") : Map.of();
  }

  /** How many processes the pod has; 0 where it cannot be told. */
  public long processes(Pod pod) {
    Path file = below(unified ? mount : mount.resolve("pids"), parent(pod)).resolve("pids.current");
    try {
      return Long.parseLong(Files.readString(file).strip());
    } catch (IOException | NumberFormatException unknown) {
      return 0;
    }
  }

  /** One of the pod's processes; empty where there is none. */
  public OptionalLong process(Pod pod) {
    Path group = below(unified ? mount : mount.resolve("memory"), parent(pod));
    try (Stream<Path> containers = Files.list(group)) {
      for (Path container : containers.filter(Files::isDirectory).toList()) {
        Optional<String> process =
            Files.readAllLines(container.resolve("cgroup.procs")).stream().findFirst();
        if (process.isPresent()) {
          return OptionalLong.of(Long.parseLong(process.get()));
        }
      }
    } catch (IOException | UncheckedIOException | NumberFormatException gone) {
      return OptionalLong.empty();
    }
    return OptionalLong.empty();
  }

  /**
   * Kills what still runs in the groups of a pod of which nothing is to run any more: containerd 2
   * leaves the processes of a shim that was killed.
   */
  public void kill(String podUid) throws IOException {
    for (Path hierarchy : hierarchies()) {
      for (QosClass qos : QosClass.values()) {
        killAll(below(hierarchy, classParent(qos) + "/pod" + podUid));
      }
    }
  }

  /**
   * Removes the groups of a pod from every hierarchy and class. What is not there is no failure.
   */
  public void remove(String podUid) throws IOException {
    for (Path hierarchy : hierarchies()) {
      for (QosClass qos : QosClass.values()) {
        removeTree(below(hierarchy, classParent(qos) + "/pod" + podUid));
      }
    }
    weighBurstable(shares -> shares.remove(podUid));
  }

  private String classParent(QosClass qos) {
    return switch (qos) {
      case GUARANTEED -> root + "/kubepods";
      case BURSTABLE -> root + "/kubepods/burstable";
      case BEST_EFFORT -> root + "/kubepods/besteffort";
    };
  }

  private void createUnified(String group, Amounts amounts) throws IOException {
    Path at = mount;
    for (String name : group.substring(1).split("/", -1)) {
      enableControllers(at);
      at = at.resolve(name);
      Files.createDirectories(at);
    }
    enableControllers(at);
    write(at, "cpu.weight", Long.toString(amounts.weight()));
    write(
        at,
        "cpu.max",
        (amounts.quota() == 0 ? "max" : Long.toString(amounts.quota())) + " " + Amounts.PERIOD);
    write(at, "memory.max", amounts.memory() == 0 ? "max" : Long.toString(amounts.memory()));
    write(at, "pids.max", pidsLimit == 0 ? "max" : Long.toString(pidsLimit));
  }

  private static void enableControllers(Path group) throws IOException {
    List<String> available =
        List.of(Files.readString(group.resolve("cgroup.controllers")).strip().split(" ", -1));
    for (String controller : V2_CONTROLLERS.split(" ", -1)) {
      if (available.contains(controller.substring(1))) {
        Files.writeString(group.resolve("cgroup.subtree_control"), controller);
      }
    }
  }

  private void createSplit(String group, Amounts amounts) throws IOException {
    Path cpu = make("cpu", group);
    write(cpu, "cpu.shares", Long.toString(amounts.shares()));
    write(cpu, "cpu.cfs_period_us", Long.toString(Amounts.PERIOD));
    write(cpu, "cpu.cfs_quota_us", amounts.quota() == 0 ? "-1" : Long.toString(amounts.quota()));
    Path memory = make("memory", group);
    write(
        memory,
        "memory.limit_in_bytes",
        amounts.memory() == 0 ? "-1" : Long.toString(amounts.memory()));
    if (Files.isDirectory(mount.resolve("pids"))) {
      Path pids = make("pids", group);
      write(pids, "pids.max", pidsLimit == 0 ? "max" : Long.toString(pidsLimit));
    }
  }

  private Path make(String controller, String group) throws IOException {
    Path hierarchy = mount.resolve(controller);
    if (!Files.isDirectory(hierarchy)) {
      throw new IOException(
          "cgroup v1 controller " + controller + " is not mounted at " + hierarchy);
    }
    Path path = below(hierarchy, group);
    Files.createDirectories(path);
    return path;
  }

  private static void write(Path group, String file, String value) throws IOException {
    Path target = group.resolve(file);
    if (Files.exists(target)) {
      Files.writeString(target, value);
    }
  }

  private List<Path> hierarchies() throws IOException {
    if (unified) {
      return List.of(mount);
    }
    List<Path> hierarchies = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(mount)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          hierarchies.add(entry);
        }
      }
    }
    return hierarchies;
  }

  private static Path below(Path hierarchy, String group) {
    return hierarchy.resolve(group.substring(1));
  }

  private static void killAll(Path group) {
    if (!Files.isDirectory(group)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(group)) {
      for (Path list : walk.filter(file -> file.endsWith("cgroup.procs")).toList()) {
        for (String pid : Files.readAllLines(list)) {
          LOG.warn("Process {} has outlived its container and is killed", pid);
          ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
        }
      }
    } catch (IOException | UncheckedIOException gone) {
      LOG.debug("Groups vanish from {}", group, gone);
    }
  }

  private static void removeTree(Path group) throws IOException {
    if (!Files.isDirectory(group)) {
      return;
    }
    Files.walkFileTree(
        group,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            // The runtime removes its groups at the same time.
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
