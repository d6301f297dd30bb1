package dev.coxswain.kubelet.volume;

/** A volume that cannot be had; the message says which and why, in upstream's words. */
public final class VolumeException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean waiting;

  VolumeException(String volume, String why) {
    this(volume, why, false);
  }

  private VolumeException(String volume, String why, boolean waiting) {
    super("MountVolume.SetUp failed for volume \"" + volume + "\" : " + why);
    this.waiting = waiting;
  }

  /** A volume that somebody else is still busy with: nothing has failed. */
  public static VolumeException waiting(String volume, String forWhat) {
    return new VolumeException(volume, forWhat, true);
  }

  /** Whether nothing has failed yet. */
  public boolean waiting() {
    return waiting;
  }
}
