package dev.coxswain.kubelet.volume;

import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.env.ConfigSource;
import dev.coxswain.kubelet.node.NodePaths;
import io.fabric8.kubernetes.api.model.CSIPersistentVolumeSource;
import io.fabric8.kubernetes.api.model.HostPathVolumeSource;
import io.fabric8.kubernetes.api.model.LocalVolumeSource;
import io.fabric8.kubernetes.api.model.NFSVolumeSource;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** Volumes by claim: directories and devices of this node, and what drivers mount. */
final class Claims {
  private final NodePaths paths;
  private final ConfigSource source;
  private final DriverVolumes drivers;
  private final NfsMounts nfs;

  /**
   * Where the volumes of a pod lie, by the pod's uid and the volume's name. Bounded by the pods of
   * the node: {@link #forget} drops a pod's with the pod.
   */
  private final ConcurrentMap<String, Map<String, Path>> found = new ConcurrentHashMap<>();

  Claims(NodePaths paths, ConfigSource source, DriverVolumes drivers, NfsMounts nfs) {
    this.paths = paths;
    this.source = source;
    this.drivers = drivers;
    this.nfs = nfs;
  }

  /** Finds the volume behind the claim, mounts it if it is a driver's, and remembers it. */
  void prepare(Pod pod, Volume volume) throws VolumeException, ConfigException, IOException {
    PersistentVolumeClaim claim = claim(pod, volume);
    PersistentVolume bound = bound(claim);
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
    @Nullable CSIPersistentVolumeSource driven = bound.getSpec().getCsi();
    @Nullable NFSVolumeSource exported = bound.getSpec().getNfs();
    Path path;
    if (driven != null) {
      boolean readOnly = readOnly(volume) || Boolean.TRUE.equals(driven.getReadOnly());
      path =
          drivers.prepare(
              new DriverVolume.Claimed(pod, volume.getName(), readOnly, bound, driven, claim));
    } else if (hostPath != null) {
      path = Path.of(hostPath.getPath());
      HostPaths.check(volume.getName(), path, hostPath.getType());
      // Upstream's kubelet leaves this to the runtime; the mount of a sub-path needs it earlier.
      // What is there may be a file or a device.
      if (!Files.exists(path)) {
        Files.createDirectories(path);
      }
    } else if (local != null) {
      path = local(volume, bound, Path.of(local.getPath()));
      if (!readOnly(volume) && !isBlock(bound)) {
        FileTrees.giveToGroup(path, pod);
      }
    } else if (exported != null) {
      path =
          paths.volume(pod.getMetadata().getUid(), NfsMounts.PLUGIN, bound.getMetadata().getName());
      nfs.mount(
          exported,
          Objects.requireNonNullElse(bound.getSpec().getMountOptions(), List.of()),
          readOnly(volume),
          path);
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

  /** Whether the volume is behind a claim, be it one that is made for its pod. */
  static boolean has(Volume volume) {
    return volume.getPersistentVolumeClaim() != null || volume.getEphemeral() != null;
  }

  /** The claim's name. */
  static String name(Pod pod, Volume volume) {
    return volume.getEphemeral() != null
        ? pod.getMetadata().getName() + "-" + volume.getName()
        : volume.getPersistentVolumeClaim().getClaimName();
  }

  private static boolean readOnly(Volume volume) {
    return volume.getPersistentVolumeClaim() != null
        && Boolean.TRUE.equals(volume.getPersistentVolumeClaim().getReadOnly());
  }

  private static boolean isBlock(PersistentVolume volume) {
    return "Block".equals(volume.getSpec().getVolumeMode());
  }

  private static Path local(Volume volume, PersistentVolume bound, Path path)
      throws VolumeException, IOException {
    if (isBlock(bound)) {
      HostPaths.check(volume.getName(), path, "BlockDevice");
    } else if (!Files.isDirectory(path)) {
      throw new VolumeException(
          volume.getName(), "path \"" + path + "\" of a local volume does not exist");
    }
    return path;
  }

  /** Where the volume lies; empty before {@link #prepare}. */
  Optional<Path> path(Pod pod, Volume volume) {
    return Optional.ofNullable(
        found.getOrDefault(pod.getMetadata().getUid(), Map.of()).get(volume.getName()));
  }

  void forget(String podUid) {
    found.remove(podUid);
  }

  private PersistentVolumeClaim claim(Pod pod, Volume volume) throws ConfigException {
    boolean own = volume.getEphemeral() != null;
    String name = name(pod, volume);
    PersistentVolumeClaim claim =
        source
            .claim(pod.getMetadata().getNamespace(), name)
            .orElseThrow(
                () -> new ConfigException("persistentvolumeclaim \"" + name + "\" not found"));
    if (own
        && claim.getMetadata().getOwnerReferences().stream()
            .noneMatch(owner ->
                Boolean.TRUE.equals(owner.getController())
                    && pod.getMetadata().getUid().equals(owner.getUid()))) {
      throw new ConfigException(
          "PVC \"" + name + "\" was not created for the pod: the pod is not its owner");
    }
    return claim;
  }

  private PersistentVolume bound(PersistentVolumeClaim claim) throws ConfigException {
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
          "PV \""
              + volumeName
              + "\" is not bound to the claim \""
              + claim.getMetadata().getName()
              + "\"");
    }
    return bound;
  }
}
