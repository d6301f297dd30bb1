package dev.coxswain.kubelet.cgroup;

import dev.coxswain.proto.cri.HugepageLimit;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Pages larger than the processor's own, which are set aside when the machine starts. */
public final class HugePages {
  /** What the names of their resources begin with; the size of one page follows. */
  public static final String PREFIX = "hugepages-";

  private static final long KIBI = 1024;

  private HugePages() {}

  /**
   * The bytes that are set aside, by resource: {@code hugepages-2Mi} and its like.
   *
   * @param folder the kernel's, with a folder for each size; none where it knows no such pages
   */
  public static Map<String, Long> ofMachine(Path folder) throws IOException {
    Map<String, Long> found = new TreeMap<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> sizes = Files.newDirectoryStream(folder, "hugepages-*kB")) {
        for (Path size : sizes) {
          String name = size.getFileName().toString();
          long page = Long.parseLong(name.substring(PREFIX.length(), name.length() - 2)) * KIBI;
          long count = Long.parseLong(Files.readString(size.resolve("nr_hugepages")).strip());
          found.put(PREFIX + inUnits(page, "Ki", "Mi", "Gi"), count * page);
        }
      }
    }
    return found;
  }

  /** What the container may use of them, as CRI asks for it. */
  public static List<HugepageLimit> limits(Container container) {
    if (container.getResources() == null || container.getResources().getLimits() == null) {
      return List.of();
    }
    return container.getResources().getLimits().entrySet().stream()
        .filter(limit -> limit.getKey().startsWith(PREFIX))
        .map(limit ->
            HugepageLimit.newBuilder()
                .setPageSize(
                    inUnits(
                        bytes(Quantity.parse(limit.getKey().substring(PREFIX.length()))),
                        "KB",
                        "MB",
                        "GB"))
                .setLimit(bytes(limit.getValue()))
                .build())
        .toList();
  }

  private static long bytes(Quantity amount) {
    return Quantity.getAmountInBytes(amount).longValue();
  }

  /** In the largest of the units, each 1024 times the one before, that leaves a whole number. */
  private static String inUnits(long bytes, String... units) {
    long amount = bytes / KIBI;
    int unit = 0;
    while (unit < units.length - 1 && amount % KIBI == 0) {
      amount /= KIBI;
      unit++;
    }
    return amount + units[unit];
  }
}
