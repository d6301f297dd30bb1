package dev.coxswain.kubelet.csi;

import dev.coxswain.kubelet.node.NodePaths;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names and places that drivers, attachers and people rely on; all are upstream's. */
final class CsiNames {
  private CsiNames() {}

  /** The handle of a volume that lives and dies with its pod. */
  static String inlineHandle(String podUid, String volume) {
    return "csi-" + hash(podUid + volume);
  }

  /** The VolumeAttachment that joins a volume to a node. */
  static String attachment(String handle, String driver, String node) {
    return "csi-" + hash(handle + driver + node);
  }

  /** Where a file system is mounted for all pods of the node. */
  static Path staging(NodePaths paths, String driver, String handle) {
    return plugin(paths).resolve(driver).resolve(hash(handle)).resolve("globalmount");
  }

  /** Where a device is made ready for all pods of the node. */
  static Path deviceStaging(NodePaths paths, String volume) {
    return plugin(paths).resolve("volumeDevices").resolve("staging").resolve(volume);
  }

  /** Where a device is for one pod. */
  static Path devicePublish(NodePaths paths, String volume, String podUid) {
    return plugin(paths)
        .resolve("volumeDevices")
        .resolve("publish")
        .resolve(volume)
        .resolve(podUid);
  }

  private static Path plugin(NodePaths paths) {
    return paths.root().resolve("plugins").resolve("kubernetes.io").resolve("csi");
  }

  private static String hash(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
