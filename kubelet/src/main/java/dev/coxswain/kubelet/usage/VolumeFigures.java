package dev.coxswain.kubelet.usage;

/** How full a volume is: bytes, and inodes where they are counted (0 where not). */
public record VolumeFigures(
    long capacity, long available, long used, long inodes, long inodesFree, long inodesUsed) {

  /** The figures of a whole file system. */
  public static VolumeFigures of(FileSystem system) {
    return new VolumeFigures(
        system.capacity(),
        system.available(),
        system.capacity() - system.available(),
        system.inodes(),
        system.inodesFree(),
        system.inodes() - system.inodesFree());
  }
}
