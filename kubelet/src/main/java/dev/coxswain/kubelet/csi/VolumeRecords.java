package dev.coxswain.kubelet.csi;

import dev.coxswain.kubelet.node.NodePaths;
import dev.coxswain.runtime.file.DurableFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The records of all pods' volumes, on disk alone: they survive whatever the kubelet does not. */
final class VolumeRecords {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeRecords.class);
  private static final String FILE = "vol_data.json";
  private static final JsonMapper JSON = new JsonMapper();

  private final NodePaths paths;

  VolumeRecords(NodePaths paths) {
    this.paths = paths;
  }

  /** Where a pod's volume has its record and, if it is a file system, its mount. */
  Path folder(String podUid, String specName) {
    return paths.volume(podUid, "csi", specName);
  }

  void write(Path folder, VolumeRecord record) throws IOException {
    Files.createDirectories(folder);
    DurableFile.writePublic(folder.resolve(FILE), JSON.writeValueAsString(record));
  }

  void delete(Path folder) throws IOException {
    DurableFile.delete(folder.resolve(FILE));
  }

  /** A record with the folder that it lies in. */
  record Kept(Path folder, VolumeRecord record) {}

  /** What a pod has. */
  List<Kept> of(String podUid) throws IOException {
    List<Kept> found = new ArrayList<>();
    for (Path folder : entries(paths.volumes(podUid, "csi"))) {
      try {
        found.add(
            new Kept(
                folder,
                JSON.readValue(Files.readAllBytes(folder.resolve(FILE)), VolumeRecord.class)));
      } catch (NoSuchFileException none) {
        LOG.debug("{} has no record: nothing was mounted there yet", folder);
      } catch (JacksonException broken) {
        throw new IOException(folder.resolve(FILE) + " cannot be read: " + broken.getMessage());
      }
    }
    return found;
  }

  /** What all pods of the node have. */
  List<Kept> all() throws IOException {
    List<Kept> found = new ArrayList<>();
    for (Path pod : entries(paths.pods())) {
      found.addAll(of(pod.getFileName().toString()));
    }
    return found;
  }

  private static List<Path> entries(Path folder) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      entries.forEach(found::add);
    } catch (NoSuchFileException | NotDirectoryException none) {
      return found;
    }
    return found;
  }
}
