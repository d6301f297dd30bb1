package dev.coxswain.kubelet.csi;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * What a pod's volume is, as it is kept on disk beside the volume from before it is mounted until
 * after it is unmounted: whoever cleans up after a crash finds here whom to ask. The file has
 * upstream's name and, where it has them, its fields.
 *
 * @param specVolID the persistent volume's name, or an inline volume's name in its pod
 * @param volumeLifecycleMode Persistent or Ephemeral
 * @param attachmentID the attachment that it needs; empty for none
 * @param stagingPath where it is mounted for all pods of the node; empty for nowhere
 * @param targetPath where it is mounted for the pod
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record VolumeRecord(
    String driverName,
    String volumeHandle,
    String specVolID,
    String volumeLifecycleMode,
    String attachmentID,
    String nodeName,
    String stagingPath,
    String targetPath) {
  static final String EPHEMERAL = "Ephemeral";
  static final String PERSISTENT = "Persistent";

  /** What a node's status calls an attached volume. */
  String uniqueName() {
    return "kubernetes.io/csi/" + driverName + "^" + volumeHandle;
  }

  boolean attached() {
    return !attachmentID.isEmpty();
  }

  boolean sameVolume(VolumeRecord other) {
    return driverName.equals(other.driverName) && volumeHandle.equals(other.volumeHandle);
  }
}
