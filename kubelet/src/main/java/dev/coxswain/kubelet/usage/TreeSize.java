package dev.coxswain.kubelet.usage;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;

/**
 * What lies in a directory.
 *
 * @param bytes what files and directories take of the disk, a file of several names once
 * @param inodes files and directories
 */
public record TreeSize(long bytes, long inodes) {
  /** Nothing. */
  public static final TreeSize NONE = new TreeSize(0, 0);

  /** A pod that makes more files than this is not counted to its end. */
  private static final long MOST_ENTRIES = 500_000;

  /** Counts; what vanishes meanwhile or is not there counts for nothing. */
  public static TreeSize of(Path root) {
    Counter counter = new Counter();
    try {
      Files.walkFileTree(root, counter);
    } catch (IOException unreadable) {
      // What was counted so far is the best answer that there is.
      return counter.sum();
    }
    return counter.sum();
  }

  /** Both together. */
  public TreeSize plus(TreeSize other) {
    return new TreeSize(bytes + other.bytes, inodes + other.inodes);
  }

  private static final class Counter extends SimpleFileVisitor<Path> {
    private long bytes;
    private long inodes;
    private long visits;

    /** Directories among them, each of which is met but once. */
    private final Set<Long> ofSeveralNames = new HashSet<>();

    TreeSize sum() {
      return new TreeSize(bytes, inodes);
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      return count(directory, 0);
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      return count(file, attributes.size());
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      return FileVisitResult.CONTINUE;
    }

    private FileVisitResult count(Path path, long length) {
      Occupied occupied = Occupied.of(path).orElse(new Occupied(length, 1, 0));
      if (occupied.links() <= 1 || ofSeveralNames.add(occupied.inode())) {
        bytes += occupied.bytes();
        inodes++;
      }
      visits++;
      return visits < MOST_ENTRIES ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
    }
  }
}
