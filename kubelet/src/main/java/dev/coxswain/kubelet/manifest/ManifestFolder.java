package dev.coxswain.kubelet.manifest;

import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The pods that the files of a folder describe. Owned by one thread. */
final class ManifestFolder {
  private static final Logger LOG = LoggerFactory.getLogger(ManifestFolder.class);

  /** Upstream's limit for an object is of the same order. */
  private static final long MANIFEST_BYTES = 1 << 20;

  private static final int MOST_MANIFESTS = 200;
  private static final YAMLMapper YAML = new YAMLMapper();

  private final Path folder;
  private final String node;
  private final Time time;
  private final Map<Path, Pod> pods = new TreeMap<>();
  private final Map<Path, String> told = new HashMap<>();

  ManifestFolder(Path folder, String node, Time time) {
    this.folder = folder;
    this.node = node;
    this.time = time;
  }

  /**
   * Reads the folder. A file that cannot be read as a pod leaves its pod as it was, so that a slip
   * of the pen stops nothing; a folder that cannot be read leaves all.
   */
  Collection<Pod> read() {
    Map<Path, Pod> found = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, ManifestFolder::counts)) {
      for (Path file : files) {
        if (found.size() < MOST_MANIFESTS) {
          @Nullable Pod pod = pod(file);
          if (pod != null) {
            found.put(file, pod);
          }
        }
      }
    } catch (NoSuchFileException absent) {
      tell(folder, "is not there; it has no static pods");
    } catch (IOException failure) {
      tell(folder, "cannot be read: " + failure.getMessage());
      return pods.values();
    }
    pods.clear();
    pods.putAll(found);
    return pods.values();
  }

  private static boolean counts(Path file) {
    return !file.getFileName().toString().startsWith(".") && Files.isRegularFile(file);
  }

  private @Nullable Pod pod(Path file) {
    @Nullable Pod before = pods.get(file);
    try {
      if (Files.size(file) > MANIFEST_BYTES) {
        tell(file, "is larger than " + MANIFEST_BYTES + " bytes");
        return before;
      }
      byte[] text = Files.readAllBytes(file);
      Pod manifest = YAML.readValue(text, Pod.class);
      boolean whole =
          manifest != null
              && "Pod".equals(manifest.getKind())
              && manifest.getMetadata() != null
              && manifest.getMetadata().getName() != null
              && manifest.getSpec() != null
              && !manifest.getSpec().getContainers().isEmpty();
      if (!whole) {
        tell(file, "is not a Pod with a name and containers");
        return before;
      }
      told.remove(file);
      Pod pod = StaticPod.of(manifest, text, file.getFileName().toString(), node, time.now());
      boolean same =
          before != null && before.getMetadata().getUid().equals(pod.getMetadata().getUid());
      return same ? before : pod;
    } catch (IOException | JacksonException failure) {
      tell(file, "is not a manifest: " + firstLine(failure));
      return before;
    }
  }

  private static String firstLine(Exception failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }

  private void tell(Path path, String what) {
    if (!what.equals(told.put(path, what))) {
      LOG.warn("Static pods: {} {}", path, what);
    }
  }
}
