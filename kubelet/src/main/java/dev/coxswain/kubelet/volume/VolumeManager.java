package dev.coxswain.kubelet.volume;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.env.ConfigSource;
import dev.coxswain.kubelet.env.PodFields;
import dev.coxswain.kubelet.node.NodePaths;
import dev.coxswain.kubelet.usage.ClaimUse;
import dev.coxswain.kubelet.usage.FileSystem;
import dev.coxswain.kubelet.usage.VolumeFigures;
import dev.coxswain.proto.cri.Image;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.EmptyDirVolumeSource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** Makes the volumes of pods, keeps those that show API objects current, and removes them. */
public final class VolumeManager {
  private final NodePaths paths;
  private final Payloads payloads;
  private final Claims claims;
  private final NfsMounts nfs;
  private final DriverVolumes drivers;
  private final ImageVolumes images;
  private final ServiceAccountTokens tokens;
  private final MountTable mounts = new MountTable();
  private final VolumeGauge gauge;
  private final Time time;

  /** By pod uid; bounded by the pods of the node: {@link #release} drops a pod's with the pod. */
  private final ConcurrentMap<String, Hold> holds = new ConcurrentHashMap<>();

  /** That a pod has volumes, and the lock for work on them. */
  private static final class Hold {}

  /** Makes volumes below these paths. */
  public VolumeManager(
      NodePaths paths,
      ConfigSource source,
      DriverVolumes drivers,
      ImageVolumes images,
      ServiceAccountTokens tokens,
      Time time) {
    this.paths = paths;
    this.payloads = new Payloads(source, tokens);
    this.nfs = new NfsMounts(mounts);
    this.claims = new Claims(paths, source, drivers, nfs);
    this.drivers = drivers;
    this.images = images;
    this.tokens = tokens;
    this.gauge = new VolumeGauge(VolumeManager::ofFileSystem, time);
    this.time = time;
  }

  /**
   * Makes all volumes of the pod, or brings those up to date that are there. May be repeated.
   *
   * @throws VolumeException for the first volume that cannot be had
   */
  public void prepare(PodFields fields) throws VolumeException {
    String uid = fields.pod().getMetadata().getUid();
    synchronized (holds.computeIfAbsent(uid, first -> new Hold())) {
      make(fields);
    }
  }

  /**
   * Brings the volumes of a pod up to date that were {@linkplain #prepare made} and not released
   * since: whoever refreshes does not know of the pod's end at once.
   *
   * @throws VolumeException for the first volume that cannot be had
   */
  public void refresh(PodFields fields) throws VolumeException {
    String uid = fields.pod().getMetadata().getUid();
    @Nullable Hold hold = holds.get(uid);
    if (hold == null) {
      return;
    }
    synchronized (hold) {
      if (hold.equals(holds.get(uid))) {
        make(fields);
      }
    }
  }

  private void make(PodFields fields) throws VolumeException {
    for (Volume volume : fields.pod().getSpec().getVolumes()) {
      try {
        prepare(volume, fields);
      } catch (ConfigException | IOException | ApiException failure) {
        throw new VolumeException(volume.getName(), String.valueOf(failure.getMessage()));
      }
    }
  }

  /** Where a volume lies on the node. */
  public Path path(Pod pod, Volume volume) throws IOException {
    String uid = pod.getMetadata().getUid();
    if (Claims.has(volume)) {
      return claims
          .path(pod, volume)
          .orElseThrow(() -> new IOException("volume " + volume.getName() + " is not ready"));
    }
    if (volume.getCsi() != null) {
      return paths.volume(uid, "csi", volume.getName()).resolve("mount");
    }
    if (volume.getHostPath() != null) {
      return Path.of(volume.getHostPath().getPath());
    }
    return paths.volume(uid, plugin(volume), volume.getName());
  }

  /**
   * Where a volume lies that shows an image; empty where the runtime is to mount the image.
   *
   * @param image what its reference named when it was last looked at
   */
  public Optional<Path> imagePath(Pod pod, Volume volume, Image image) throws IOException {
    return images.prepare(pod.getMetadata().getUid(), volume.getName(), image);
  }

  /** How full the volumes behind the pod's claims are, as far as that can be told. */
  public List<ClaimUse> claims(Pod pod) {
    List<ClaimUse> known = new ArrayList<>();
    for (Volume volume : pod.getSpec().getVolumes()) {
      Optional<Path> path = Claims.has(volume) ? claims.path(pod, volume) : Optional.empty();
      path.flatMap(found -> figures(pod, found))
          .ifPresent(figures ->
              known.add(new ClaimUse(volume.getName(), Claims.name(pod, volume), figures)));
    }
    return known;
  }

  private Optional<VolumeFigures> figures(Pod pod, Path path) {
    Optional<VolumeFigures> told = drivers.figures(pod.getMetadata().getUid(), path);
    return told.isPresent() ? told : gauge.figures(path);
  }

  private static Optional<VolumeFigures> ofFileSystem(Path path) {
    if (!Files.isDirectory(path)) {
      return Optional.empty();
    }
    try {
      return Optional.of(VolumeFigures.of(FileSystem.of(path)));
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  /** Unmounts and deletes all volumes of a pod, once nobody is at work on them. */
  public void release(String podUid) throws IOException {
    Hold hold = holds.computeIfAbsent(podUid, first -> new Hold());
    synchronized (hold) {
      holds.remove(podUid, hold);
      remove(podUid);
    }
  }

  private void remove(String podUid) throws IOException {
    tokens.forget(podUid);
    claims.forget(podUid);
    Path pinned = paths.subPaths(podUid);
    if (Files.exists(pinned)) {
      mounts.unmountBelow(pinned);
      FileTrees.delete(pinned);
    }
    drivers.release(podUid);
    Path volumes = paths.pod(podUid).resolve("volumes");
    if (Files.exists(volumes)) {
      mounts.unmountBelow(volumes);
      images.release(podUid);
      FileTrees.delete(volumes);
    }
  }

  private void prepare(Volume volume, PodFields fields)
      throws VolumeException, ConfigException, IOException {
    if (Claims.has(volume)) {
      claims.prepare(fields.pod(), volume);
      return;
    }
    if (volume.getCsi() != null) {
      drivers.prepare(new DriverVolume.Inline(fields.pod(), volume.getName(), volume.getCsi()));
      return;
    }
    if (volume.getImage() != null) {
      // Its image is seen to with those of the containers, whose pull policies it shares.
      return;
    }
    Path path = path(fields.pod(), volume);
    @Nullable Long group = group(fields.pod());
    if (volume.getHostPath() != null) {
      HostPaths.check(volume.getName(), path, volume.getHostPath().getType());
    } else if (volume.getEmptyDir() != null) {
      emptyDir(path, volume.getEmptyDir(), fields, volume.getName());
    } else if (volume.getNfs() != null) {
      nfs.mount(volume.getNfs(), List.of(), false, path);
    } else if (volume.getConfigMap() != null) {
      show(path, false, payloads.of(volume.getConfigMap(), fields), group);
    } else if (volume.getSecret() != null) {
      show(path, true, payloads.of(volume.getSecret(), fields), group);
    } else if (volume.getDownwardAPI() != null) {
      var source = volume.getDownwardAPI();
      show(
          path,
          false,
          payloads.downward(source.getItems(), source.getDefaultMode(), fields),
          group);
    } else if (volume.getProjected() != null) {
      show(path, true, payloads.of(volume.getProjected(), fields), group);
    } else {
      throw new VolumeException(
          volume.getName(), "volumes of this kind are not supported by this kubelet");
    }
  }

  private void emptyDir(Path path, EmptyDirVolumeSource source, PodFields fields, String volume)
      throws IOException, VolumeException {
    Pod pod = fields.pod();
    String medium = source.getMedium() == null ? "" : source.getMedium();
    boolean pages = HugePageVolumes.is(medium);
    if (!medium.isEmpty() && !medium.equals("Memory") && !pages) {
      throw new VolumeException(volume, "unknown storage medium \"" + medium + "\"");
    }
    String pageOptions = pages ? HugePageVolumes.options(medium, pod) : "";
    boolean fresh = !Files.exists(path);
    FileTrees.directory(path, 0777);
    if (medium.equals("Memory")) {
      OptionalLong size = MemoryVolumes.size(source, pod, fields.allocatable());
      mounts.tmpfs(path, "mode=0777" + (size.isEmpty() ? "" : ",size=" + size.getAsLong()));
    } else if (pages) {
      mounts.hugePages(path, "mode=0777," + pageOptions);
    }
    if (fresh) {
      FileTrees.giveToGroup(path, pod);
    }
  }

  private void show(Path path, boolean secret, Map<String, FileContent> files, @Nullable Long group)
      throws IOException {
    FileTrees.directory(path, 0777);
    if (secret) {
      // What is secret never reaches a disk.
      mounts.tmpfs(path, "mode=0777");
    }
    new AtomicWriter(path).write(files, group, time.now());
  }

  private static @Nullable Long group(Pod pod) {
    var security = pod.getSpec().getSecurityContext();
    return security == null ? null : security.getFsGroup();
  }

  private static String plugin(Volume volume) {
    if (volume.getImage() != null) {
      return ImageVolumes.PLUGIN;
    }
    if (volume.getEmptyDir() != null) {
      return "empty-dir";
    }
    if (volume.getNfs() != null) {
      return NfsMounts.PLUGIN;
    }
    if (volume.getConfigMap() != null) {
      return "configmap";
    }
    if (volume.getSecret() != null) {
      return "secret";
    }
    if (volume.getDownwardAPI() != null) {
      return "downward-api";
    }
    return "projected";
  }
}
