package dev.coxswain.kubelet.volume;

/** A volume that cannot be had; the message says which and why, in upstream's words. */
public final class VolumeException extends Exception {
  private static final long serialVersionUID = 1L;

  VolumeException(String volume, String why) {
    super("MountVolume.SetUp failed for volume \"" + volume + "\" : " + why);
  }
}
