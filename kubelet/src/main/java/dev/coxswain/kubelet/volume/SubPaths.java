package dev.coxswain.kubelet.volume;

import dev.coxswain.kubelet.env.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;

/**
 * Pins a path within a volume by a bind mount, so that the runtime mounts what was checked and not
 * what a container has put there since. A mount resolves its source once, for good; only then is it
 * compared, in the kernel's own table, with the path that was meant. A symbolic link that came in
 * between shows there and is undone.
 */
public final class SubPaths {
  /** What a directory that is made has of the volume's mode: who may write there may write here. */
  private static final int INHERITED = 02777;

  private final MountTable mounts = new MountTable();

  /**
   * Makes {@code below} within the volume where it is not there, and binds it to the target.
   *
   * @param name the volume's, for messages
   * @param target where to pin it; its parent is the kubelet's alone
   * @throws ConfigException for a path that leads out of the volume
   */
  public void bind(Path volume, String below, String name, Path target)
      throws ConfigException, IOException {
    try {
      // The volume may be a server's.
      OwnThread.call(
          "sub-path",
          () -> {
            make(volume, below, name, target);
            return target;
          });
    } catch (ExecutionException failed) {
      switch (failed.getCause()) {
        case ConfigException wrong -> throw wrong;
        case IOException failure -> throw failure;
        case null, default -> throw new IllegalStateException(failed.getCause());
      }
    }
  }

  private void make(Path volume, String below, String name, Path target)
      throws ConfigException, IOException {
    Path relative;
    try {
      relative = Path.of(below).normalize();
    } catch (InvalidPathException malformed) {
      throw new ConfigException(
          "subPath of volume \"" + name + "\" is no path: " + malformed.getReason());
    }
    if (relative.isAbsolute() || relative.startsWith("..")) {
      throw new ConfigException(
          "subPath \"" + below + "\" of volume \"" + name + "\" must stay within the volume");
    }
    release(target);
    Path root = volume.toRealPath();
    Path at = root;
    for (Path part : relative) {
      Path next = at.resolve(part);
      if (!Files.exists(next)) {
        makeWithin(at, part, root, below, name, target);
      }
      at = within(root, next.toRealPath(), below, name);
    }
    pin(at, below, name, target);
  }

  /** Takes a pin away; one that is not there is no failure. */
  public void release(Path target) throws IOException {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      mounts.unmountBelow(target);
      Files.delete(target);
    }
  }

  /** Makes one directory in a parent that is pinned meanwhile: nothing can lead elsewhere. */
  private void makeWithin(Path parent, Path part, Path root, String below, String name, Path target)
      throws ConfigException, IOException {
    pin(within(root, parent, below, name), below, name, target);
    try {
      Path made = target.resolve(part);
      if (!Files.exists(made, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(made);
        FileTrees.mode(made, (Integer) Files.getAttribute(root, "unix:mode") & INHERITED);
      }
    } finally {
      release(target);
    }
  }

  private void pin(Path source, String below, String name, Path target)
      throws ConfigException, IOException {
    Files.createDirectories(target.getParent());
    if (Files.isDirectory(source)) {
      Files.createDirectory(target);
    } else {
      Files.createFile(target);
    }
    mounts.bind(source, target);
    if (!mounts.shows(target, source)) {
      release(target);
      throw leadsOut(below, name);
    }
  }

  private static Path within(Path root, Path real, String below, String name)
      throws ConfigException {
    if (!real.startsWith(root)) {
      throw leadsOut(below, name);
    }
    return real;
  }

  private static ConfigException leadsOut(String below, String name) {
    return new ConfigException(
        "subPath \"" + below + "\" of volume \"" + name + "\" leads out of the volume");
  }
}
