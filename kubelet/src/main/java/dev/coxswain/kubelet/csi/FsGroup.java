package dev.coxswain.kubelet.csi;

import dev.coxswain.kubelet.volume.DriverVolume;
import dev.coxswain.kubelet.volume.FileTrees;
import dev.coxswain.proto.csi.NodeServiceCapability.RPC;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether the kubelet gives a driver's volume to its pod's group. */
final class FsGroup {
  private FsGroup() {}

  /** By the driver's {@code fsGroupPolicy}; a driver that sees to it itself is left to it. */
  static boolean applies(DriverVolume wanted, Driver driver, Optional<CSIDriver> declared) {
    if (CsiRequests.group(wanted.pod()) == null
        || wanted.readOnly()
        || driver.can(RPC.Type.VOLUME_MOUNT_GROUP)) {
      return false;
    }
    @Nullable String policy =
        declared.map(found -> found.getSpec().getFsGroupPolicy()).orElse(null);
    return switch (Objects.requireNonNullElse(policy, "")) {
      case "None" -> false;
      case "File" -> !device(wanted);
      default -> !CsiRequests.fileSystem(wanted).isEmpty() && onceWritten(wanted);
    };
  }

  static void give(Path root, Pod pod) throws IOException {
    FileTrees.giveToGroup(root, pod);
  }

  private static boolean device(DriverVolume wanted) {
    return wanted instanceof DriverVolume.Claimed claimed && claimed.block();
  }

  private static boolean onceWritten(DriverVolume wanted) {
    return switch (wanted) {
      case DriverVolume.Inline inline -> true;
      case DriverVolume.Claimed claimed ->
          !claimed.block()
              && CsiRequests.list(claimed.volume().getSpec().getAccessModes()).stream()
                  .anyMatch(
                      mode -> mode.equals("ReadWriteOnce") || mode.equals("ReadWriteOncePod"));
    };
  }
}
