package dev.coxswain.scheduler.model;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.api.selector.Requirement;
import dev.coxswain.scheduler.model.StorageObject.Attachment;
import dev.coxswain.scheduler.model.StorageObject.Capacity;
import dev.coxswain.scheduler.model.StorageObject.Claim;
import dev.coxswain.scheduler.model.StorageObject.Driver;
import dev.coxswain.scheduler.model.StorageObject.NodeDrivers;
import dev.coxswain.scheduler.model.StorageObject.ProvisioningClass;
import dev.coxswain.scheduler.model.StorageObject.Volume;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import io.fabric8.kubernetes.api.model.storage.CSINode;
import io.fabric8.kubernetes.api.model.storage.CSIStorageCapacity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads claims, volumes and what decides about them. */
public final class StorageReader {
  /** On a claim: the node for which its volume is to be made. */
  public static final String SELECTED_NODE = "volume.kubernetes.io/selected-node";

  private static final String STORAGE_CLASS = "volume.beta.kubernetes.io/storage-class";
  private static final String BIND_COMPLETED = "pv.kubernetes.io/bind-completed";

  private StorageReader() {}

  /** A claim. */
  public static Claim claim(PersistentVolumeClaim claim) {
    var spec = claim.getSpec();
    var annotations = orEmpty(claim.getMetadata().getAnnotations());
    boolean lost = claim.getStatus() != null && "Lost".equals(claim.getStatus().getPhase());
    return new Claim(
        new ObjectKey(claim.getMetadata().getNamespace(), claim.getMetadata().getName()),
        text(claim.getMetadata().getUid()),
        Lists.orEmpty(claim.getMetadata().getOwnerReferences()).stream()
            .filter(reference -> Boolean.TRUE.equals(reference.getController()))
            .map(OwnerReference::getUid)
            .findFirst()
            .orElse(""),
        text(spec.getVolumeName()),
        annotations.containsKey(BIND_COMPLETED),
        lost
            ? Claim.State.LOST
            : claim.getMetadata().getDeletionTimestamp() == null
                ? Claim.State.USABLE
                : Claim.State.DELETING,
        storageClass(annotations, spec.getStorageClassName()),
        annotations.getOrDefault(SELECTED_NODE, ""),
        Set.copyOf(Lists.orEmpty(spec.getAccessModes())),
        "Block".equals(spec.getVolumeMode()),
        spec.getResources() == null ? 0 : storage(spec.getResources().getRequests()),
        spec.getSelector() == null
            ? LabelSelector.EVERYTHING
            : WishesReader.selector(spec.getSelector()));
  }

  /** As upstream, the annotation that came before the field comes before it. */
  private static String storageClass(Map<String, String> annotations, @Nullable String field) {
    return annotations.getOrDefault(STORAGE_CLASS, text(field));
  }

  /** A volume. */
  public static Volume volume(PersistentVolume volume) {
    var spec = volume.getSpec();
    ObjectReference claim = spec.getClaimRef() == null ? new ObjectReference() : spec.getClaimRef();
    var required = spec.getNodeAffinity() == null ? null : spec.getNodeAffinity().getRequired();
    return new Volume(
        key(volume),
        new ObjectKey(text(claim.getNamespace()), text(claim.getName())),
        text(claim.getUid()),
        volume.getMetadata().getDeletionTimestamp() != null,
        storageClass(orEmpty(volume.getMetadata().getAnnotations()), spec.getStorageClassName()),
        Set.copyOf(Lists.orEmpty(spec.getAccessModes())),
        "Block".equals(spec.getVolumeMode()),
        storage(spec.getCapacity()),
        orEmpty(volume.getMetadata().getLabels()),
        required == null ? NodeAffinity.NONE : WishesReader.required(required),
        spec.getCsi() == null ? "" : text(spec.getCsi().getDriver()),
        spec.getCsi() == null ? "" : text(spec.getCsi().getVolumeHandle()));
  }

  /** A storage class. */
  public static ProvisioningClass storageClass(StorageClass storageClass) {
    return new ProvisioningClass(
        key(storageClass),
        text(storageClass.getProvisioner()),
        "WaitForFirstConsumer".equals(storageClass.getVolumeBindingMode()),
        Lists.orEmpty(storageClass.getAllowedTopologies()).stream()
            .map(term ->
                Lists.orEmpty(term.getMatchLabelExpressions()).stream()
                    .map(one ->
                        new Requirement(
                            one.getKey(), Requirement.Operator.IN, Lists.orEmpty(one.getValues())))
                    .toList())
            .toList());
  }

  /** A node's drivers. */
  public static NodeDrivers nodeDrivers(CSINode node) {
    Map<String, Integer> limits = new HashMap<>();
    for (var driver : Lists.orEmpty(node.getSpec().getDrivers())) {
      if (driver.getAllocatable() != null && driver.getAllocatable().getCount() != null) {
        limits.put(driver.getName(), driver.getAllocatable().getCount());
      }
    }
    return new NodeDrivers(key(node), limits);
  }

  /** An attachment. */
  public static Attachment attachment(VolumeAttachment attachment) {
    var spec = attachment.getSpec();
    return new Attachment(
        key(attachment),
        text(spec.getAttacher()),
        text(spec.getNodeName()),
        spec.getSource() == null ? "" : text(spec.getSource().getPersistentVolumeName()));
  }

  /** A driver. */
  public static Driver driver(CSIDriver driver) {
    return new Driver(
        key(driver),
        driver.getSpec() != null && Boolean.TRUE.equals(driver.getSpec().getStorageCapacity()));
  }

  /** A driver's room. */
  public static Capacity capacity(CSIStorageCapacity capacity) {
    Quantity largest =
        capacity.getMaximumVolumeSize() == null
            ? capacity.getCapacity()
            : capacity.getMaximumVolumeSize();
    return new Capacity(
        new ObjectKey(
            text(capacity.getMetadata().getNamespace()), capacity.getMetadata().getName()),
        text(capacity.getStorageClassName()),
        WishesReader.selector(capacity.getNodeTopology()),
        Quantities.whole(largest));
  }

  private static ObjectKey key(HasMetadata object) {
    return ObjectKey.cluster(object.getMetadata().getName());
  }

  private static long storage(@Nullable Map<String, Quantity> amounts) {
    return amounts == null ? 0 : Quantities.whole(amounts.get("storage"));
  }

  private static String text(@Nullable String value) {
    return Objects.requireNonNullElse(value, "");
  }

  private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
    return map == null ? Map.of() : map;
  }
}
