package dev.coxswain.kubelet.usage;

import dev.coxswain.proto.cri.ContainerStats;
import org.jspecify.annotations.Nullable;

/**
 * What a container uses.
 *
 * @param stats the runtime's word; null for one that does not run
 * @param logs its log files
 */
public record ContainerUse(String name, @Nullable ContainerStats stats, TreeSize logs) {

  /** Memory that cannot be taken back at once, in bytes. */
  public long memory() {
    return stats == null ? 0 : stats.getMemory().getWorkingSetBytes().getValue();
  }

  /** What it wrote to its own file system. */
  public TreeSize root() {
    return stats == null
        ? TreeSize.NONE
        : new TreeSize(
            stats.getWritableLayer().getUsedBytes().getValue(),
            stats.getWritableLayer().getInodesUsed().getValue());
  }

  /** All that counts against its limit for ephemeral storage, in bytes. */
  public long storage() {
    return root().bytes() + logs.bytes();
  }
}
