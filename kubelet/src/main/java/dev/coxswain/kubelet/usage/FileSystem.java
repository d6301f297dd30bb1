package dev.coxswain.kubelet.usage;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The file system that a path lies on.
 *
 * @param device tells file systems apart
 * @param capacity in bytes
 * @param available to pods, in bytes
 * @param inodes 0 where the file system has no fixed number of them
 */
public record FileSystem(long device, long capacity, long available, long inodes, long inodesFree) {
  /**
   * The first fields of libc's {@code struct statvfs} on 64-bit Linux: f_bsize, f_frsize, f_blocks,
   * f_bfree, f_bavail, f_files, f_ffree, f_favail; the rest is only room.
   */
  private static final MemoryLayout STRUCT = MemoryLayout.sequenceLayout(32, ValueLayout.JAVA_LONG);

  private static final int FRAGMENT = 1;
  private static final int BLOCKS = 2;
  private static final int BLOCKS_AVAILABLE = 4;
  private static final int FILES = 5;
  private static final int FILES_AVAILABLE = 7;

  private static final MethodHandle STATVFS = statvfs();

  /** Asks the kernel. */
  public static FileSystem of(Path path) throws IOException {
    long device = ((Number) Files.getAttribute(path, "unix:dev")).longValue();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(STRUCT);
      int code = (int) STATVFS.invokeExact(arena.allocateFrom(path.toString()), result);
      if (code != 0) {
        throw new IOException("statvfs does not answer for " + path);
      }
      long fragment = field(result, FRAGMENT);
      return new FileSystem(
          device,
          field(result, BLOCKS) * fragment,
          field(result, BLOCKS_AVAILABLE) * fragment,
          field(result, FILES),
          field(result, FILES_AVAILABLE));
    } catch (IOException known) {
      throw known;
    } catch (Throwable unexpected) {
      throw new IOException("statvfs cannot be called for " + path, unexpected);
    }
  }

  private static long field(MemorySegment result, int index) {
    return result.getAtIndex(ValueLayout.JAVA_LONG, index);
  }

  /** The JDK tells of space but not of inodes. */
  @SuppressWarnings("restricted")
  private static MethodHandle statvfs() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("statvfs"),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
  }
}
