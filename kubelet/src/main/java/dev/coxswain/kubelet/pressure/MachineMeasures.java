package dev.coxswain.kubelet.pressure;

import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.cri.ImageStore;
import dev.coxswain.kubelet.node.MachineUsage;
import dev.coxswain.kubelet.usage.FileSystem;
import dev.coxswain.kubelet.usage.PodUse;
import dev.coxswain.kubelet.usage.UsageReader;
import dev.coxswain.proto.cri.FilesystemUsage;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Measures the machine by the kernel's files. Memory counts as available when the kernel could give
 * it to a new process without swapping ({@code MemAvailable}).
 */
public final class MachineMeasures implements NodeMeasures {
  private static final Path PROC = Path.of("/proc");

  private final Path root;
  private final ImageStore images;
  private final UsageReader usage;
  private volatile @Nullable Path imageDirectory;
  private volatile boolean oneFileSystem = true;

  /**
   * Measures this machine.
   *
   * @param root a directory on the node's own file system
   */
  public MachineMeasures(Path root, ImageStore images, UsageReader usage) {
    this.root = root;
    this.images = images;
    this.usage = usage;
  }

  @Override
  public Map<Signal, Reading> read() throws IOException {
    Map<Signal, Reading> readings = new EnumMap<>(Signal.class);
    readings.put(Signal.MEMORY_AVAILABLE, memory());
    readings.put(Signal.PID_AVAILABLE, processes());
    FileSystem node = FileSystem.of(root);
    readings.put(Signal.NODEFS_AVAILABLE, new Reading(node.available(), node.capacity()));
    readings.put(Signal.NODEFS_INODES_FREE, new Reading(node.inodesFree(), node.inodes()));
    FileSystem image = imageFileSystem(node);
    oneFileSystem = image.device() == node.device();
    readings.put(Signal.IMAGEFS_AVAILABLE, new Reading(image.available(), image.capacity()));
    readings.put(Signal.IMAGEFS_INODES_FREE, new Reading(image.inodesFree(), image.inodes()));
    return readings;
  }

  @Override
  public List<PodUse> use(Collection<Pod> pods) {
    return usage.read(pods);
  }

  @Override
  public boolean oneFileSystem() {
    return oneFileSystem;
  }

  private FileSystem imageFileSystem(FileSystem otherwise) throws IOException {
    @Nullable Path directory = imageDirectory;
    if (directory == null) {
      try {
        for (FilesystemUsage one : images.fileSystems()) {
          directory = Path.of(one.getFsId().getMountpoint());
        }
      } catch (CriException later) {
        return otherwise;
      }
    }
    if (directory == null || !Files.exists(directory)) {
      return otherwise;
    }
    imageDirectory = directory;
    return FileSystem.of(directory);
  }

  private static Reading memory() throws IOException {
    MachineUsage machine = MachineUsage.read();
    return new Reading(
        machine.memoryAvailableBytes(), machine.memoryAvailableBytes() + machine.memoryUsedBytes());
  }

  private static Reading processes() throws IOException {
    long most = Math.min(number("sys/kernel/pid_max"), number("sys/kernel/threads-max"));
    // The fourth field is running/all.
    String[] load = Files.readString(PROC.resolve("loadavg")).split("[ /]", -1);
    return new Reading(most - Long.parseLong(load[4]), most);
  }

  private static long number(String file) throws IOException {
    // By lines: a parameter read byte by byte ends after its first digit.
    return Long.parseLong(Files.readAllLines(PROC.resolve(file)).getFirst().strip());
  }
}
