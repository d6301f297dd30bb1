package dev.coxswain.kubelet.csi;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.env.ConfigSource;
import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.kubelet.volume.DriverVolume;
import dev.coxswain.proto.csi.CapacityRange;
import dev.coxswain.proto.csi.NodeExpandVolumeRequest;
import dev.coxswain.proto.csi.NodeServiceCapability.RPC;
import dev.coxswain.proto.csi.VolumeCapability;
import dev.coxswain.runtime.client.ResourceClient;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The last step of a claim's growth: when the persistent volume has become larger than its claim
 * knows, the file system on the node follows, and the claim is told its new size.
 */
public final class ClaimGrowth {
  private static final String STORAGE = "storage";
  private static final Set<String> DONE = Set.of("Resizing", "FileSystemResizePending");

  private final ResourceClient<PersistentVolumeClaim> claims;
  private final ConfigSource source;
  private final PodEvents events;

  /** Writes sizes to these claims. */
  public ClaimGrowth(
      ResourceClient<PersistentVolumeClaim> claims, ConfigSource source, PodEvents events) {
    this.claims = claims;
    this.source = source;
    this.events = events;
  }

  /** Has the driver enlarge a mounted volume if that is due; a failure leaves it as it was. */
  void follow(
      DriverVolume.Claimed wanted, Driver driver, VolumeRecord record, VolumeCapability capability)
      throws ConfigException {
    BigDecimal size = amount(wanted.volume().getSpec().getCapacity());
    if (size.compareTo(known(wanted.claim())) <= 0 || !driver.can(RPC.Type.EXPAND_VOLUME)) {
      return;
    }
    String volume = wanted.volume().getMetadata().getName();
    try {
      driver
          .plugin()
          .expand(
              NodeExpandVolumeRequest.newBuilder()
                  .setVolumeId(record.volumeHandle())
                  .setVolumePath(record.targetPath())
                  .setStagingTargetPath(record.stagingPath())
                  .setCapacityRange(
                      CapacityRange.newBuilder().setRequiredBytes(size.longValueExact()))
                  .setVolumeCapability(capability)
                  .putAllSecrets(CsiSecrets.of(wanted.source().getNodeExpandSecretRef(), source))
                  .build());
      tell(wanted);
      events.normal(
          wanted.pod(),
          "",
          "FileSystemResizeSuccessful",
          "MountVolume.NodeExpandVolume succeeded for volume \"" + volume + "\"");
    } catch (IOException | ApiException failure) {
      events.warning(
          wanted.pod(),
          "",
          "VolumeResizeFailed",
          "NodeExpandVolume.NodeExpandVolume failed for volume \""
              + volume
              + "\" : "
              + failure.getMessage());
    }
  }

  private void tell(DriverVolume.Claimed wanted) {
    Optional<PersistentVolumeClaim> current =
        claims.find(
            new ObjectKey(
                wanted.claim().getMetadata().getNamespace(),
                wanted.claim().getMetadata().getName()));
    if (current.isEmpty()) {
      return;
    }
    PersistentVolumeClaim claim = new PersistentVolumeClaimBuilder(current.get()).build();
    PersistentVolumeClaimStatus status = claim.getStatus();
    Map<String, Quantity> capacity =
        new LinkedHashMap<>(Objects.requireNonNullElse(status.getCapacity(), Map.of()));
    capacity.put(STORAGE, wanted.volume().getSpec().getCapacity().get(STORAGE));
    status.setCapacity(capacity);
    status.setConditions(
        CsiRequests.list(status.getConditions()).stream()
            .filter(condition -> !DONE.contains(condition.getType()))
            .toList());
    if (status.getAllocatedResourceStatuses() != null) {
      Map<String, String> steps = new LinkedHashMap<>(status.getAllocatedResourceStatuses());
      steps.remove(STORAGE);
      status.setAllocatedResourceStatuses(steps);
    }
    claims.updateStatus(claim);
  }

  private static BigDecimal known(PersistentVolumeClaim claim) {
    return claim.getStatus() == null ? BigDecimal.ZERO : amount(claim.getStatus().getCapacity());
  }

  private static BigDecimal amount(@Nullable Map<String, Quantity> amounts) {
    @Nullable Quantity storage = amounts == null ? null : amounts.get(STORAGE);
    return storage == null ? BigDecimal.ZERO : Quantity.getAmountInBytes(storage);
  }
}
