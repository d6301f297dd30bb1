package dev.coxswain.kubelet.volume;

import dev.coxswain.kubelet.cgroup.Amounts;
import io.fabric8.kubernetes.api.model.EmptyDirVolumeSource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** How large {@code emptyDir} volumes are that lie in memory. Pure. */
final class MemoryVolumes {
  private MemoryVolumes() {}

  /**
   * The least of what the volume says, what the pod may use of memory, and what all pods may
   * together; zero says nothing. Empty where nothing is said: the kernel's half of the memory.
   *
   * @param allocatable what all pods of the node may use
   */
  static OptionalLong size(
      EmptyDirVolumeSource source, Pod pod, Map<String, Quantity> allocatable) {
    return LongStream.of(
            bytes(source.getSizeLimit()),
            Amounts.of(pod).memory(),
            bytes(allocatable.get("memory")))
        .filter(size -> size > 0)
        .min();
  }

  private static long bytes(@Nullable Quantity amount) {
    return amount == null ? 0 : Quantity.getAmountInBytes(amount).longValue();
  }
}
