package dev.coxswain.kubelet.node;

import dev.coxswain.kubelet.cgroup.HugePages;
import io.fabric8.kubernetes.api.model.NodeSystemInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the machine is made of, read from the kernel's files.
 *
 * @param cpus online CPUs
 * @param memoryBytes physical memory
 * @param storageBytes size of the file system that holds the kubelet's root directory
 * @param hugePages bytes set aside for pages of each size, by resource
 */
public record MachineInfo(
    int cpus,
    long memoryBytes,
    long storageBytes,
    Map<String, Long> hugePages,
    NodeSystemInfo system) {
  public MachineInfo {
    hugePages = Collections.unmodifiableSortedMap(new TreeMap<>(hugePages));
  }

  /** The Kubernetes version whose node contract this kubelet keeps. */
  public static final String KUBELET_VERSION = "v1.34.1";

  private static final long KIBI = 1024;

  /** Reads the machine that this runs on. */
  public static MachineInfo read(Path rootDirectory, String runtimeVersion) throws IOException {
    NodeSystemInfo system = new NodeSystemInfo();
    system.setArchitecture(architecture());
    system.setOperatingSystem("linux");
    system.setBootID(firstLine("/proc/sys/kernel/random/boot_id"));
    system.setMachineID(firstLine("/etc/machine-id"));
    String product = firstLine("/sys/class/dmi/id/product_uuid");
    system.setSystemUUID(product.isEmpty() ? system.getMachineID() : product);
    system.setKernelVersion(firstLine("/proc/sys/kernel/osrelease"));
    system.setOsImage(osImage());
    system.setContainerRuntimeVersion(runtimeVersion);
    system.setKubeletVersion(KUBELET_VERSION);
    system.setKubeProxyVersion("");
    return new MachineInfo(
        countCpus(),
        memory(),
        Files.getFileStore(rootDirectory).getTotalSpace(),
        HugePages.ofMachine(Path.of("/sys/kernel/mm/hugepages")),
        system);
  }

  private static int countCpus() throws IOException {
    int count = 0;
    for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
      if (line.startsWith("processor")) {
        count++;
      }
    }
    return count > 0 ? count : Runtime.getRuntime().availableProcessors();
  }

  private static long memory() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
      if (line.startsWith("MemTotal:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * KIBI;
      }
    }
    throw new IOException("/proc/meminfo has no MemTotal");
  }

  private static String architecture() {
    String name = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return switch (name) {
      case "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      default -> name;
    };
  }

  private static String osImage() throws IOException {
    Path release = Path.of("/etc/os-release");
    if (Files.exists(release)) {
      for (String line : Files.readAllLines(release)) {
        if (line.startsWith("PRETTY_NAME=")) {
          return line.substring("PRETTY_NAME=".length()).replace("\"", "");
        }
      }
    }
    return "Linux";
  }

  private static String firstLine(String file) {
    try {
      List<String> lines = Files.readAllLines(Path.of(file));
      return lines.isEmpty() ? "" : lines.getFirst().strip();
    } catch (IOException unreadable) {
      return "";
    }
  }
}
