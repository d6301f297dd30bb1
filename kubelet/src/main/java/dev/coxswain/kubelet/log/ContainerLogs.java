package dev.coxswain.kubelet.log;

import dev.coxswain.kubelet.node.NodePaths;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of containers' logs, which the runtime writes and leaves to the kubelet to remove, and
 * the links by which log collectors find them: a flat folder of names that say whose each is. A log
 * that is not linked or not removed is told, and stops nothing. Thread-safe.
 */
public final class ContainerLogs {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerLogs.class);
  private static final String SUFFIX = ".log";

  /** The longest name that Linux' file systems take, in bytes. */
  private static final int NAME_BYTES = 255;

  private final NodePaths paths;

  /** Logs below these paths. */
  public ContainerLogs(NodePaths paths) {
    this.paths = paths;
  }

  /** Whose log it is. */
  public record Owner(
      String namespace, String pod, String uid, String container, int restarts, String id) {}

  /** Shows the log of a container that has started where collectors look for it. */
  public void show(Owner owner) {
    Path log = file(owner);
    if (!Files.exists(log)) {
      return;
    }
    try {
      Files.createDirectories(paths.logLinks());
      Files.createSymbolicLink(link(owner), log);
    } catch (FileAlreadyExistsException already) {
      LOG.debug("{} is there already", link(owner));
    } catch (IOException failure) {
      LOG.warn("Log {} is not linked: {}", log, failure.getMessage());
    }
  }

  /** Removes the log of a container that is removed, with all that was turned over of it. */
  public void remove(Owner owner) {
    Path log = file(owner);
    try {
      Files.deleteIfExists(link(owner));
      try (DirectoryStream<Path> older =
          Files.newDirectoryStream(log.getParent(), log.getFileName() + ".*")) {
        for (Path file : older) {
          Files.deleteIfExists(file);
        }
      }
      Files.deleteIfExists(log);
    } catch (NoSuchFileException none) {
      LOG.debug("{} has no logs", log.getParent());
    } catch (IOException failure) {
      LOG.warn("Log {} is left of a container: {}", log, failure.getMessage());
    }
  }

  /** Removes the links to logs of pods whose logs are gone. */
  public void sweep() {
    try (DirectoryStream<Path> links = Files.newDirectoryStream(paths.logLinks(), "*" + SUFFIX)) {
      for (Path link : links) {
        if (leadsNowhere(link)) {
          Files.deleteIfExists(link);
        }
      }
    } catch (NoSuchFileException none) {
      LOG.debug("{} is not there yet", paths.logLinks());
    } catch (IOException failure) {
      LOG.warn("Links are left in {}: {}", paths.logLinks(), failure.getMessage());
    }
  }

  /** A log itself is away for a moment while it is turned over; its folder is not. */
  private boolean leadsNowhere(Path link) throws IOException {
    if (!Files.isSymbolicLink(link)) {
      return false;
    }
    Path target = Files.readSymbolicLink(link);
    return target.startsWith(paths.logs()) && !Files.exists(target.getParent());
  }

  private Path file(Owner owner) {
    return paths
        .podLogs(owner.namespace(), owner.pod(), owner.uid())
        .resolve(NodePaths.containerLog(owner.container(), owner.restarts()));
  }

  private Path link(Owner owner) {
    // Upstream's name, which collectors take apart.
    String name =
        owner.pod() + "_" + owner.namespace() + "_" + owner.container() + "-" + owner.id();
    int most = NAME_BYTES - SUFFIX.length();
    return paths
        .logLinks()
        .resolve((name.length() > most ? name.substring(0, most) : name) + SUFFIX);
  }
}
