package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.cgroup.PodCgroups;
import dev.coxswain.kubelet.log.ContainerLogs;
import dev.coxswain.kubelet.node.NodePaths;
import dev.coxswain.kubelet.volume.FileTrees;
import dev.coxswain.kubelet.volume.VolumeManager;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what a crash left of pods that nobody runs any more: mounts, volumes, control groups and
 * logs. Called once the API's pods are known and what the runtime still has was taken over.
 */
public final class LeftOvers {
  private static final Logger LOG = LoggerFactory.getLogger(LeftOvers.class);

  private final NodePaths paths;
  private final VolumeManager volumes;
  private final PodCgroups cgroups;
  private final Supplier<Set<String>> known;

  /**
   * Left-overs below these paths.
   *
   * @param known the uids of the pods that somebody looks after
   */
  public LeftOvers(
      NodePaths paths, VolumeManager volumes, PodCgroups cgroups, Supplier<Set<String>> known) {
    this.paths = paths;
    this.volumes = volumes;
    this.cgroups = cgroups;
    this.known = known;
  }

  /** Removes them; what cannot be removed is told and left for the next time. */
  public synchronized void sweep() {
    // The folders are listed first: whoever makes one is known before it does.
    List<Path> pods = list(paths.pods());
    List<Path> logs = list(paths.logs());
    Set<String> alive = known.get();
    for (Path pod : pods) {
      String uid = pod.getFileName().toString();
      if (!alive.contains(uid)) {
        remove(
            pod,
            () -> {
              volumes.release(uid);
              cgroups.remove(uid);
              FileTrees.delete(pod);
            });
      }
    }
    for (Path log : logs) {
      // namespace_name_uid
      String name = log.getFileName().toString();
      String uid = name.substring(name.lastIndexOf('_') + 1);
      if (name.indexOf('_') != name.lastIndexOf('_') && !alive.contains(uid)) {
        remove(log, () -> FileTrees.delete(log));
      }
    }
    new ContainerLogs(paths).sweep();
  }

  private interface Removal {
    void run() throws IOException;
  }

  private static void remove(Path what, Removal removal) {
    try {
      removal.run();
      LOG.info("{} was left of a pod that is gone; removed", what);
    } catch (IOException failure) {
      LOG.warn("{} is left of a pod that is gone: {}", what, failure.getMessage());
    }
  }

  private static List<Path> list(Path folder) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, Files::isDirectory)) {
      entries.forEach(found::add);
    } catch (IOException failure) {
      LOG.debug("{} cannot be listed: {}", folder, failure.getMessage());
    }
    return found;
  }
}
