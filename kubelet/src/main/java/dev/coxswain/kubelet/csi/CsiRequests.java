package dev.coxswain.kubelet.csi;

import dev.coxswain.kubelet.volume.DriverVolume;
import dev.coxswain.proto.csi.NodeServiceCapability.RPC;
import dev.coxswain.proto.csi.VolumeCapability;
import dev.coxswain.proto.csi.VolumeCapability.AccessMode.Mode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Says in the drivers' language what a pod wants. */
final class CsiRequests {
  private CsiRequests() {}

  static VolumeCapability capability(DriverVolume wanted, Driver driver) {
    VolumeCapability.Builder capability =
        VolumeCapability.newBuilder()
            .setAccessMode(VolumeCapability.AccessMode.newBuilder().setMode(mode(wanted, driver)));
    if (wanted instanceof DriverVolume.Claimed claimed && claimed.block()) {
      return capability.setBlock(VolumeCapability.BlockVolume.getDefaultInstance()).build();
    }
    VolumeCapability.MountVolume.Builder mount =
        VolumeCapability.MountVolume.newBuilder().setFsType(fileSystem(wanted));
    if (wanted instanceof DriverVolume.Claimed claimed) {
      mount.addAllMountFlags(list(claimed.volume().getSpec().getMountOptions()));
    }
    @Nullable Long group = group(wanted.pod());
    if (group != null && driver.can(RPC.Type.VOLUME_MOUNT_GROUP)) {
      mount.setVolumeMountGroup(Long.toString(group));
    }
    return capability.setMount(mount).build();
  }

  private static Mode mode(DriverVolume wanted, Driver driver) {
    if (!(wanted instanceof DriverVolume.Claimed claimed)) {
      return Mode.SINGLE_NODE_WRITER;
    }
    boolean exact = driver.can(RPC.Type.SINGLE_NODE_MULTI_WRITER);
    List<String> modes = list(claimed.volume().getSpec().getAccessModes());
    return switch (modes.isEmpty() ? "ReadWriteOnce" : modes.getFirst()) {
      case "ReadOnlyMany" -> Mode.MULTI_NODE_READER_ONLY;
      case "ReadWriteMany" -> Mode.MULTI_NODE_MULTI_WRITER;
      case "ReadWriteOncePod" -> exact ? Mode.SINGLE_NODE_SINGLE_WRITER : Mode.SINGLE_NODE_WRITER;
      default -> exact ? Mode.SINGLE_NODE_MULTI_WRITER : Mode.SINGLE_NODE_WRITER;
    };
  }

  static String fileSystem(DriverVolume wanted) {
    return Objects.requireNonNullElse(
        switch (wanted) {
          case DriverVolume.Claimed claimed -> claimed.source().getFsType();
          case DriverVolume.Inline inline -> inline.source().getFsType();
        },
        "");
  }

  static Map<String, String> attributes(DriverVolume wanted) {
    return Objects.requireNonNullElse(
        switch (wanted) {
          case DriverVolume.Claimed claimed -> claimed.source().getVolumeAttributes();
          case DriverVolume.Inline inline -> inline.source().getVolumeAttributes();
        },
        Map.of());
  }

  /** What a driver is told of the pod, if it asks for it. */
  static Map<String, String> podInfo(DriverVolume wanted) {
    Pod pod = wanted.pod();
    Map<String, String> info = new TreeMap<>();
    info.put("csi.storage.k8s.io/pod.name", pod.getMetadata().getName());
    info.put("csi.storage.k8s.io/pod.namespace", pod.getMetadata().getNamespace());
    info.put("csi.storage.k8s.io/pod.uid", pod.getMetadata().getUid());
    info.put(
        "csi.storage.k8s.io/serviceAccount.name",
        Objects.requireNonNullElse(pod.getSpec().getServiceAccountName(), ""));
    info.put(
        "csi.storage.k8s.io/ephemeral", Boolean.toString(wanted instanceof DriverVolume.Inline));
    return info;
  }

  static @Nullable Long group(Pod pod) {
    @Nullable PodSecurityContext security = pod.getSpec().getSecurityContext();
    return security == null ? null : security.getFsGroup();
  }

  static <E> List<E> list(@Nullable List<E> values) {
    return values == null ? List.of() : values;
  }
}
