package dev.coxswain.kubelet.container;

import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.volume.VolumeManager;
import dev.coxswain.proto.cri.Device;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A container's devices: its pod's volumes in {@code volumeMode: Block}. */
final class Devices {
  private Devices() {}

  static List<Device> of(Pod pod, Container container, VolumeManager volumes)
      throws ConfigException, IOException {
    List<Device> devices = new ArrayList<>();
    for (VolumeDevice wanted : container.getVolumeDevices()) {
      Volume volume = Mounts.volume(pod, wanted.getName());
      devices.add(
          Device.newBuilder()
              .setHostPath(volumes.path(pod, volume).toString())
              .setContainerPath(wanted.getDevicePath())
              .setPermissions(Mounts.readOnlyClaim(volume) ? "r" : "mrw")
              .build());
    }
    return devices;
  }
}
