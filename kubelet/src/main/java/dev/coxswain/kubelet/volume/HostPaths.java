package dev.coxswain.kubelet.volume;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The checks of {@code hostPath.type}. */
final class HostPaths {
  private static final int TYPE_BITS = 0170000;
  private static final int SOCKET = 0140000;
  private static final int CHARACTER_DEVICE = 0020000;
  private static final int BLOCK_DEVICE = 0060000;

  private HostPaths() {}

  static void check(String volume, Path path, @Nullable String type)
      throws VolumeException, IOException {
    switch (type == null ? "" : type) {
      case "" -> {}
      case "DirectoryOrCreate" -> {
        if (!Files.exists(path)) {
          FileTrees.directory(path, 0755);
        }
        require(Files.isDirectory(path), volume, path, "a directory");
      }
      case "FileOrCreate" -> {
        if (!Files.exists(path)) {
          Files.createFile(path);
          FileTrees.mode(path, 0644);
        }
        require(Files.isRegularFile(path), volume, path, "a file");
      }
      case "Directory" -> require(Files.isDirectory(path), volume, path, "a directory");
      case "File" -> require(Files.isRegularFile(path), volume, path, "a file");
      case "Socket" -> require(is(path, SOCKET), volume, path, "a socket file");
      case "CharDevice" -> require(is(path, CHARACTER_DEVICE), volume, path, "a character device");
      case "BlockDevice" -> require(is(path, BLOCK_DEVICE), volume, path, "a block device");
      default -> throw new VolumeException(volume, type + " is an invalid volume type");
    }
  }

  private static boolean is(Path path, int kind) throws IOException {
    return Files.exists(path)
        && ((Integer) Files.getAttribute(path, "unix:mode") & TYPE_BITS) == kind;
  }

  private static void require(boolean holds, String volume, Path path, String kind)
      throws VolumeException {
    if (!holds) {
      throw new VolumeException(volume, "hostPath type check failed: " + path + " is not " + kind);
    }
  }
}
