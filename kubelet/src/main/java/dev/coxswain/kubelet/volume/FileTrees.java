package dev.coxswain.kubelet.volume;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Small works on directories; none follows a symbolic link that a container may have left. */
public final class FileTrees {
  private static final PosixFilePermission[] BY_BIT = {
    PosixFilePermission.OTHERS_EXECUTE,
    PosixFilePermission.OTHERS_WRITE,
    PosixFilePermission.OTHERS_READ,
    PosixFilePermission.GROUP_EXECUTE,
    PosixFilePermission.GROUP_WRITE,
    PosixFilePermission.GROUP_READ,
    PosixFilePermission.OWNER_EXECUTE,
    PosixFilePermission.OWNER_WRITE,
    PosixFilePermission.OWNER_READ,
  };

  private FileTrees() {}

  /** Deletes a tree; one that is not there is no failure. */
  public static void delete(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Makes a directory with exactly these permissions, whatever the umask. */
  public static void directory(Path directory, int mode) throws IOException {
    Files.createDirectories(directory);
    mode(directory, mode);
  }

  /** Sets a file's permissions, set-group-id included. */
  public static void mode(Path file, int mode) throws IOException {
    if ((mode & ~0777) == 0) {
      Files.setPosixFilePermissions(file, permissions(mode));
    } else {
      Files.setAttribute(file, "unix:mode", mode & 07777);
    }
  }

  static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (int bit = 0; bit < BY_BIT.length; bit++) {
      if ((mode >> bit & 1) == 1) {
        permissions.add(BY_BIT[bit]);
      }
    }
    return permissions;
  }

  /**
   * Gives a tree to the pod's {@code fsGroup}, if it has one, as its {@code fsGroupChangePolicy}
   * asks.
   */
  public static void giveToGroup(Path root, Pod pod) throws IOException {
    @Nullable PodSecurityContext security = pod.getSpec().getSecurityContext();
    if (security == null || security.getFsGroup() == null) {
      return;
    }
    long group = security.getFsGroup();
    if (!"OnRootMismatch".equals(security.getFsGroupChangePolicy()) || !isGiven(root, group)) {
      giveToGroup(root, group, false);
    }
  }

  private static boolean isGiven(Path root, long group) throws IOException {
    int mode = (Integer) Files.getAttribute(root, "unix:mode") & 07777;
    int wanted = 0660 | 0110 | 02000;
    return (Integer) Files.getAttribute(root, "unix:gid") == (int) group
        && (mode & wanted) == wanted;
  }

  /**
   * Gives a tree to a group as {@code fsGroup} asks: readable and writable for it, new entries
   * inherit it.
   */
  static void giveToGroup(Path root, long group, boolean readOnly) throws IOException {
    int grant = readOnly ? 0440 : 0660;
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            try {
              give(directory, grant | 0110 | 02000);
            } catch (NoSuchFileException removed) {
              return gone(directory, removed);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            try {
              Files.setAttribute(file, "unix:gid", (int) group, LinkOption.NOFOLLOW_LINKS);
              if (!attributes.isSymbolicLink()) {
                give(file, grant);
              }
            } catch (NoSuchFileException removed) {
              return gone(file, removed);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            return gone(file, failure);
          }

          // Another pod that has the volume may remove files meanwhile, but not the volume.
          private FileVisitResult gone(Path file, IOException failure) throws IOException {
            if (failure instanceof NoSuchFileException && !file.equals(root)) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          private void give(Path file, int bits) throws IOException {
            Files.setAttribute(file, "unix:gid", (int) group, LinkOption.NOFOLLOW_LINKS);
            int mode = (Integer) Files.getAttribute(file, "unix:mode") & 07777;
            Files.setAttribute(file, "unix:mode", mode | bits);
          }
        });
  }
}
