package dev.coxswain.kubelet.volume;

import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.env.ConfigSource;
import io.fabric8.kubernetes.api.model.HostPathVolumeSource;
import io.fabric8.kubernetes.api.model.LocalVolumeSource;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** Volumes by claim: those whose persistent volume is a directory of this node. */
final class Claims {
  private final ConfigSource source;

  /**
   * Where the volumes of a pod lie, by the pod's uid and the volume's name. Bounded by the pods of
   * the node: {@link #forget} drops a pod's with the pod.
   */
  private final ConcurrentMap<String, Map<String, Path>> found = new ConcurrentHashMap<>();

  Claims(ConfigSource source) {
    this.source = source;
  }

  /** Finds the volume behind the claim and remembers it. */
  void prepare(Pod pod, Volume volume) throws VolumeException, ConfigException, IOException {
    PersistentVolume bound = bound(pod, volume);
    if ("Block".equals(bound.getSpec().getVolumeMode())) {
      throw new VolumeException(
          volume.getName(), "volumeMode Block is not supported by this kubelet");
    }
    String node = pod.getSpec().getNodeName();
    if (!VolumeAffinity.admits(bound, node)) {
      // An empty directory of the same path here would look like lost data.
      throw new VolumeException(
          volume.getName(),
          "persistent volume \""
              + bound.getMetadata().getName()
              + "\" is on another node: its node affinity does not admit \""
              + node
              + "\"");
    }
    @Nullable HostPathVolumeSource hostPath = bound.getSpec().getHostPath();
    @Nullable LocalVolumeSource local = bound.getSpec().getLocal();
    Path path;
    if (hostPath != null) {
      path = Path.of(hostPath.getPath());
      HostPaths.check(volume.getName(), path, hostPath.getType());
      // Upstream's kubelet leaves this to the runtime; the mount of a sub-path needs it earlier.
      Files.createDirectories(path);
    } else if (local != null) {
      path = Path.of(local.getPath());
      if (!Files.isDirectory(path)) {
        throw new VolumeException(
            volume.getName(), "path \"" + path + "\" of a local volume does not exist");
      }
    } else {
      throw new VolumeException(
          volume.getName(),
          "persistent volume \""
              + bound.getMetadata().getName()
              + "\" is of a kind that is not supported by this kubelet");
    }
    found
        .computeIfAbsent(pod.getMetadata().getUid(), uid -> new ConcurrentHashMap<>())
        .put(volume.getName(), path);
  }

  /** Where the volume lies; empty before {@link #prepare}. */
  Optional<Path> path(Pod pod, Volume volume) {
    return Optional.ofNullable(
        found.getOrDefault(pod.getMetadata().getUid(), Map.of()).get(volume.getName()));
  }

  void forget(String podUid) {
    found.remove(podUid);
  }

  private PersistentVolume bound(Pod pod, Volume volume) throws ConfigException {
    String name = volume.getPersistentVolumeClaim().getClaimName();
    PersistentVolumeClaim claim =
        source
            .claim(pod.getMetadata().getNamespace(), name)
            .orElseThrow(
                () -> new ConfigException("persistentvolumeclaim \"" + name + "\" not found"));
    boolean isBound = claim.getStatus() != null && "Bound".equals(claim.getStatus().getPhase());
    String volumeName = claim.getSpec().getVolumeName();
    if (!isBound || volumeName == null || volumeName.isEmpty()) {
      throw new ConfigException("PVC is not bound");
    }
    PersistentVolume bound =
        source
            .persistentVolume(volumeName)
            .orElseThrow(
                () -> new ConfigException("persistentvolume \"" + volumeName + "\" not found"));
    @Nullable ObjectReference owner = bound.getSpec().getClaimRef();
    if (owner == null || !claim.getMetadata().getUid().equals(owner.getUid())) {
      throw new ConfigException(
          "PV \"" + volumeName + "\" is not bound to the claim \"" + name + "\"");
    }
    return bound;
  }
}
