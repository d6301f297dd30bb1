package dev.coxswain.kubelet.volume;

import io.fabric8.kubernetes.api.model.CSIPersistentVolumeSource;
import io.fabric8.kubernetes.api.model.CSIVolumeSource;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;

/** A pod's volume that a driver outside of the kubelet mounts. */
public sealed interface DriverVolume {
  Pod pod();

  /** The volume's name in the pod. */
  String name();

  boolean readOnly();

  /** A claim's persistent volume. */
  record Claimed(
      Pod pod,
      String name,
      boolean readOnly,
      PersistentVolume volume,
      CSIPersistentVolumeSource source,
      PersistentVolumeClaim claim)
      implements DriverVolume {
    /** Whether it is a device and not a file system. */
    public boolean block() {
      return "Block".equals(volume.getSpec().getVolumeMode());
    }
  }

  /** One that lives and dies with its pod. */
  record Inline(Pod pod, String name, CSIVolumeSource source) implements DriverVolume {
    @Override
    public boolean readOnly() {
      return Boolean.TRUE.equals(source.getReadOnly());
    }
  }
}
