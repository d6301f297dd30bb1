package dev.coxswain.kubelet.csi;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.env.ConfigSource;
import dev.coxswain.kubelet.node.NodePaths;
import dev.coxswain.kubelet.node.VolumesInUse;
import dev.coxswain.kubelet.usage.VolumeFigures;
import dev.coxswain.kubelet.volume.DriverVolume;
import dev.coxswain.kubelet.volume.DriverVolumes;
import dev.coxswain.kubelet.volume.FileTrees;
import dev.coxswain.kubelet.volume.MountTable;
import dev.coxswain.kubelet.volume.ServiceAccountTokens;
import dev.coxswain.kubelet.volume.VolumeException;
import dev.coxswain.proto.csi.NodeGetVolumeStatsRequest;
import dev.coxswain.proto.csi.NodePublishVolumeRequest;
import dev.coxswain.proto.csi.NodeServiceCapability.RPC;
import dev.coxswain.proto.csi.NodeStageVolumeRequest;
import dev.coxswain.proto.csi.NodeUnpublishVolumeRequest;
import dev.coxswain.proto.csi.NodeUnstageVolumeRequest;
import dev.coxswain.proto.csi.VolumeCapability;
import dev.coxswain.proto.csi.VolumeUsage;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has drivers mount volumes: once for the node where the driver wants that, then for each pod. All
 * that must outlive this process is in the {@linkplain VolumeRecord records}.
 */
public final class CsiVolumes implements DriverVolumes {
  private static final Logger LOG = LoggerFactory.getLogger(CsiVolumes.class);

  /** Work on one volume is done by one thread at a time; volumes seldom share a lock. */
  private static final int LOCKS = 64;

  private final NodePaths paths;
  private final String node;
  private final Drivers drivers;
  private final ConfigSource source;
  private final ServiceAccountTokens tokens;
  private final VolumesInUse inUse;
  private final ClaimGrowth growth;
  private final VolumeRecords records;
  private final MountTable mounts = new MountTable();
  private final List<Lock> locks = Stream.<Lock>generate(ReentrantLock::new).limit(LOCKS).toList();

  /**
   * Volumes of this node.
   *
   * @throws IOException when what an earlier process mounted cannot be known
   */
  public CsiVolumes(
      NodePaths paths,
      String node,
      Drivers drivers,
      ConfigSource source,
      ServiceAccountTokens tokens,
      VolumesInUse inUse,
      ClaimGrowth growth)
      throws IOException {
    this.paths = paths;
    this.node = node;
    this.drivers = drivers;
    this.source = source;
    this.tokens = tokens;
    this.inUse = inUse;
    this.growth = growth;
    this.records = new VolumeRecords(paths);
    for (VolumeRecords.Kept kept : records.all()) {
      if (kept.record().attached()) {
        inUse.use(kept.record().uniqueName());
      }
    }
  }

  @Override
  public Path prepare(DriverVolume wanted) throws VolumeException, ConfigException, IOException {
    String name =
        switch (wanted) {
          case DriverVolume.Claimed claimed -> claimed.source().getDriver();
          case DriverVolume.Inline inline -> inline.source().getDriver();
        };
    Optional<CSIDriver> declared = source.driver(name);
    checkLifecycle(name, wanted, declared);
    Driver driver = drivers.get(name);
    VolumeRecord record = record(wanted, driver, declared);
    Path target = Path.of(record.targetPath());
    Lock lock = lock(record);
    lock.lock();
    try {
      boolean mounted = mounts.isMountPoint(target);
      if (!mounted || declares(declared, spec -> spec.getRequiresRepublish())) {
        mount(wanted, driver, declared, record);
      }
      if (wanted instanceof DriverVolume.Claimed claimed && !claimed.readOnly()) {
        growth.follow(claimed, driver, record, CsiRequests.capability(wanted, driver));
      }
      return target;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void release(String podUid) throws IOException {
    for (VolumeRecords.Kept kept : records.of(podUid)) {
      Lock lock = lock(kept.record());
      lock.lock();
      try {
        unmount(kept);
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public Optional<VolumeFigures> figures(String podUid, Path mounted) {
    try {
      for (VolumeRecords.Kept kept : records.of(podUid)) {
        Optional<Driver> driver = drivers.find(kept.record().driverName());
        if (Path.of(kept.record().targetPath()).equals(mounted)
            && driver.isPresent()
            && driver.get().can(RPC.Type.GET_VOLUME_STATS)) {
          return Optional.of(figures(driver.get(), kept.record()));
        }
      }
    } catch (IOException untold) {
      LOG.debug("Volume at {}: its driver does not tell its use: {}", mounted, untold.getMessage());
    }
    return Optional.empty();
  }

  private static VolumeFigures figures(Driver driver, VolumeRecord record) throws IOException {
    VolumeUsage bytes = VolumeUsage.getDefaultInstance();
    VolumeUsage inodes = bytes;
    for (VolumeUsage usage :
        driver
            .plugin()
            .usage(
                NodeGetVolumeStatsRequest.newBuilder()
                    .setVolumeId(record.volumeHandle())
                    .setVolumePath(record.targetPath())
                    .setStagingTargetPath(record.stagingPath())
                    .build())) {
      switch (usage.getUnit()) {
        case BYTES -> bytes = usage;
        case INODES -> inodes = usage;
        default -> LOG.debug("Driver {} counts in an unknown unit", driver.name());
      }
    }
    return new VolumeFigures(
        bytes.getTotal(),
        bytes.getAvailable(),
        bytes.getUsed(),
        inodes.getTotal(),
        inodes.getAvailable(),
        inodes.getUsed());
  }

  private void mount(
      DriverVolume wanted, Driver driver, Optional<CSIDriver> declared, VolumeRecord record)
      throws VolumeException, ConfigException, IOException {
    Path folder = records.folder(wanted.pod().getMetadata().getUid(), record.specVolID());
    // From here on somebody must unmount, whatever becomes of this process.
    records.write(folder, record);
    Map<String, String> attachment = attachment(wanted, record);
    VolumeCapability capability = CsiRequests.capability(wanted, driver);
    if (!record.stagingPath().isEmpty()) {
      stage((DriverVolume.Claimed) wanted, driver, record, attachment, capability);
    }
    Path target = Path.of(record.targetPath());
    Files.createDirectories(Objects.requireNonNull(target.getParent()));
    driver
        .plugin()
        .publish(
            NodePublishVolumeRequest.newBuilder()
                .setVolumeId(record.volumeHandle())
                .putAllPublishContext(attachment)
                .setStagingTargetPath(record.stagingPath())
                .setTargetPath(record.targetPath())
                .setVolumeCapability(capability)
                .setReadonly(wanted.readOnly())
                .putAllSecrets(publishSecrets(wanted))
                .putAllVolumeContext(context(wanted, declared))
                .build());
    if (FsGroup.applies(wanted, driver, declared)) {
      FsGroup.give(target, wanted.pod());
    }
  }

  private void stage(
      DriverVolume.Claimed wanted,
      Driver driver,
      VolumeRecord record,
      Map<String, String> attachment,
      VolumeCapability capability)
      throws ConfigException, IOException {
    Path staging = Path.of(record.stagingPath());
    if (mounts.isMountPoint(staging)) {
      return;
    }
    Files.createDirectories(staging);
    FileTrees.mode(staging, 0750);
    driver
        .plugin()
        .stage(
            NodeStageVolumeRequest.newBuilder()
                .setVolumeId(record.volumeHandle())
                .putAllPublishContext(attachment)
                .setStagingTargetPath(record.stagingPath())
                .setVolumeCapability(capability)
                .putAllSecrets(CsiSecrets.of(wanted.source().getNodeStageSecretRef(), source))
                .putAllVolumeContext(CsiRequests.attributes(wanted))
                .build());
  }

  private void unmount(VolumeRecords.Kept kept) throws IOException {
    VolumeRecord record = kept.record();
    NodePlugin plugin = drivers.get(record.driverName()).plugin();
    Path target = Path.of(record.targetPath());
    plugin.unpublish(
        NodeUnpublishVolumeRequest.newBuilder()
            .setVolumeId(record.volumeHandle())
            .setTargetPath(record.targetPath())
            .build());
    remove(target);
    boolean last =
        records.all().stream()
            .filter(other -> !other.folder().equals(kept.folder()))
            .noneMatch(other -> other.record().sameVolume(record));
    if (last && !record.stagingPath().isEmpty()) {
      plugin.unstage(
          NodeUnstageVolumeRequest.newBuilder()
              .setVolumeId(record.volumeHandle())
              .setStagingTargetPath(record.stagingPath())
              .build());
      remove(Path.of(record.stagingPath()));
    }
    records.delete(kept.folder());
    Files.deleteIfExists(kept.folder());
    if (last) {
      inUse.release(record.uniqueName());
    }
  }

  /** Only what is empty and not mounted goes: anything else is data. */
  private void remove(Path place) throws IOException {
    if (mounts.isMountPoint(place)) {
      throw new IOException(place + " is still mounted although its driver says it is not");
    }
    if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      Files.delete(place);
    }
  }

  private VolumeRecord record(DriverVolume wanted, Driver driver, Optional<CSIDriver> declared) {
    String uid = wanted.pod().getMetadata().getUid();
    return switch (wanted) {
      case DriverVolume.Inline inline ->
          new VolumeRecord(
              driver.name(),
              CsiNames.inlineHandle(uid, inline.name()),
              inline.name(),
              VolumeRecord.EPHEMERAL,
              "",
              node,
              "",
              records.folder(uid, inline.name()).resolve("mount").toString());
      case DriverVolume.Claimed claimed -> {
        String name = claimed.volume().getMetadata().getName();
        String handle = claimed.source().getVolumeHandle();
        boolean attach =
            declared.isEmpty()
                || !Boolean.FALSE.equals(declared.get().getSpec().getAttachRequired());
        Path staging =
            claimed.block()
                ? CsiNames.deviceStaging(paths, name)
                : CsiNames.staging(paths, driver.name(), handle);
        Path target =
            claimed.block()
                ? CsiNames.devicePublish(paths, name, uid)
                : records.folder(uid, name).resolve("mount");
        yield new VolumeRecord(
            driver.name(),
            handle,
            name,
            VolumeRecord.PERSISTENT,
            attach ? CsiNames.attachment(handle, driver.name(), node) : "",
            node,
            driver.can(RPC.Type.STAGE_UNSTAGE_VOLUME) ? staging.toString() : "",
            target.toString());
      }
    };
  }

  /** What the attacher has to tell of the volume; waits for it. */
  private Map<String, String> attachment(DriverVolume wanted, VolumeRecord record)
      throws VolumeException {
    if (!record.attached()) {
      return Map.of();
    }
    if (!inUse.use(record.uniqueName())) {
      throw VolumeException.waiting(
          wanted.name(), "the node's status does not tell yet that the volume is in use");
    }
    if (!inUse.attached(record.uniqueName())) {
      throw VolumeException.waiting(
          wanted.name(), "the node's status does not tell yet that the volume is attached");
    }
    Optional<VolumeAttachment> attachment = source.attachment(record.attachmentID());
    boolean attached =
        attachment.isPresent()
            && attachment.get().getMetadata().getDeletionTimestamp() == null
            && attachment.get().getStatus() != null
            && Boolean.TRUE.equals(attachment.get().getStatus().getAttached());
    if (!attached) {
      throw VolumeException.waiting(wanted.name(), "the volume is not attached yet");
    }
    return Objects.requireNonNullElse(
        attachment.get().getStatus().getAttachmentMetadata(), Map.of());
  }

  private Map<String, String> context(DriverVolume wanted, Optional<CSIDriver> declared)
      throws ConfigException {
    Map<String, String> context = new TreeMap<>(CsiRequests.attributes(wanted));
    if (declares(declared, spec -> spec.getPodInfoOnMount())) {
      context.putAll(CsiRequests.podInfo(wanted));
    }
    if (declared.isPresent()) {
      CsiSecrets.tokens(wanted.pod(), declared.get(), tokens)
          .ifPresent(json -> context.put("csi.storage.k8s.io/serviceAccount.tokens", json));
    }
    return context;
  }

  private Map<String, String> publishSecrets(DriverVolume wanted)
      throws ConfigException, ApiException {
    return switch (wanted) {
      case DriverVolume.Claimed claimed ->
          CsiSecrets.of(claimed.source().getNodePublishSecretRef(), source);
      case DriverVolume.Inline inline ->
          CsiSecrets.of(
              inline.source().getNodePublishSecretRef(),
              wanted.pod().getMetadata().getNamespace(),
              source);
    };
  }

  static void checkLifecycle(String driver, DriverVolume wanted, Optional<CSIDriver> declared)
      throws IOException {
    boolean inline = wanted instanceof DriverVolume.Inline;
    String mode = inline ? VolumeRecord.EPHEMERAL : VolumeRecord.PERSISTENT;
    if (declared.isEmpty()) {
      // Who declares nothing offers persistent volumes alone.
      if (inline) {
        throw new IOException(
            "volume mode \"Ephemeral\" not supported by driver "
                + driver
                + " (no CSIDriver object)");
      }
      return;
    }
    List<String> told = CsiRequests.list(declared.get().getSpec().getVolumeLifecycleModes());
    List<String> modes = told.isEmpty() ? List.of(VolumeRecord.PERSISTENT) : told;
    if (!modes.contains(mode)) {
      throw new IOException(
          "volume mode \""
              + mode
              + "\" not supported by driver "
              + driver
              + " (only supports "
              + modes.stream()
                  .map(each -> '"' + each + '"')
                  .collect(Collectors.joining(" ", "[", "]"))
              + ")");
    }
  }

  private interface Flag {
    @org.jspecify.annotations.Nullable
    Boolean of(io.fabric8.kubernetes.api.model.storage.CSIDriverSpec spec);
  }

  private static boolean declares(Optional<CSIDriver> declared, Flag flag) {
    return declared.isPresent() && Boolean.TRUE.equals(flag.of(declared.get().getSpec()));
  }

  private Lock lock(VolumeRecord record) {
    return locks.get(Math.floorMod(record.uniqueName().hashCode(), LOCKS));
  }
}
