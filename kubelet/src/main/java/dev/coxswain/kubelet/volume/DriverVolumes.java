package dev.coxswain.kubelet.volume;

import dev.coxswain.kubelet.env.ConfigException;
import java.io.IOException;
import java.nio.file.Path;

/** Volumes that drivers outside of the kubelet mount. */
public interface DriverVolumes {

  /** Mounts the volume, or sees that it is mounted; returns where. May be repeated. */
  Path prepare(DriverVolume wanted) throws VolumeException, ConfigException, IOException;

  /** Unmounts all volumes of a pod, be they of this process or of one before it. */
  void release(String podUid) throws IOException;
}
