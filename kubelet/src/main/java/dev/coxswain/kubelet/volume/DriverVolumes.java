package dev.coxswain.kubelet.volume;

import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.usage.VolumeFigures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Volumes that drivers outside of the kubelet mount. */
public interface DriverVolumes {

  /** Mounts the volume, or sees that it is mounted; returns where. May be repeated. */
  Path prepare(DriverVolume wanted) throws VolumeException, ConfigException, IOException;

  /** How full the volume is that is mounted there for the pod; empty where nobody can tell. */
  Optional<VolumeFigures> figures(String podUid, Path mounted);

  /** Unmounts all volumes of a pod, be they of this process or of one before it. */
  void release(String podUid) throws IOException;
}
