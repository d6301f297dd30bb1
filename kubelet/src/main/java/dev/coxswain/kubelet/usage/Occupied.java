package dev.coxswain.kubelet.usage;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a file takes of its disk, which may be less than its length, as where it has holes, or more.
 *
 * @param links names of it; it is there but once
 */
record Occupied(long bytes, long links, long inode) {
  private static final int HERE = -100;
  private static final int NOT_WHAT_IT_LINKS_TO = 0x100;
  private static final int BASIC = 0x7ff;

  /** Where the kernel's {@code struct statx} has them, and its size; the same on every machine. */
  private static final long LINKS = 16;

  private static final long INODE = 32;
  private static final long BLOCKS = 48;
  private static final long STRUCT = 256;
  private static final long BLOCK = 512;

  private static final MethodHandle STATX = statx();

  /** Asks the kernel; empty where it does not say, as when the file is gone. */
  static Optional<Occupied> of(Path file) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(STRUCT, Long.BYTES);
      int code =
          (int)
              STATX.invokeExact(
                  HERE, arena.allocateFrom(file.toString()), NOT_WHAT_IT_LINKS_TO, BASIC, result);
      return code != 0
          ? Optional.empty()
          : Optional.of(
              new Occupied(
                  result.get(ValueLayout.JAVA_LONG, BLOCKS) * BLOCK,
                  Integer.toUnsignedLong(result.get(ValueLayout.JAVA_INT, LINKS)),
                  result.get(ValueLayout.JAVA_LONG, INODE)));
    } catch (Throwable unexpected) {
      throw new IllegalStateException("statx cannot be called for " + file, unexpected);
    }
  }

  /** The JDK tells of lengths alone. */
  @SuppressWarnings("restricted")
  private static MethodHandle statx() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("statx"),
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS));
  }
}
