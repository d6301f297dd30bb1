package dev.coxswain.controllers.attach;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.volume.Volumes;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A volume that must be attached to a node before it can be mounted there.
 *
 * @param volume the persistent volume's name
 * @param exclusive whether only one node at a time may have it
 */
record Attachable(String volume, String driver, String handle, boolean exclusive) {
  private static final String PREFIX = "kubernetes.io/csi/";
  private static final Pattern ATTACHMENT_NAME = Pattern.compile("csi-[0-9a-f]{64}");

  /** The attachable volumes behind a pod's claims that are bound. */
  static List<Attachable> of(Pod pod, View view) {
    return Volumes.claimKeys(pod).stream().flatMap(key -> behind(key, view).stream()).toList();
  }

  private static Optional<Attachable> behind(ObjectKey claim, View view) {
    return view.find(PersistentVolumeClaim.class, claim)
        .filter(found -> Volumes.phase(found).equals("Bound"))
        .map(found -> ObjectKey.cluster(Meta.text(found.getSpec().getVolumeName())))
        .flatMap(key -> view.find(PersistentVolume.class, key))
        .flatMap(volume -> of(volume, view));
  }

  /** The volume, if its driver wants it attached; a driver that declares nothing does. */
  static Optional<Attachable> of(PersistentVolume volume, View view) {
    var source = volume.getSpec().getCsi();
    if (source == null) {
      return Optional.empty();
    }
    boolean needed =
        view.find(CSIDriver.class, ObjectKey.cluster(source.getDriver()))
            .map(driver -> !Boolean.FALSE.equals(driver.getSpec().getAttachRequired()))
            .orElse(true);
    List<String> modes = Meta.list(volume.getSpec().getAccessModes());
    boolean shared = modes.contains("ReadWriteMany") || modes.contains("ReadOnlyMany");
    return needed
        ? Optional.of(
            new Attachable(
                Meta.name(volume), source.getDriver(), source.getVolumeHandle(), !shared))
        : Optional.empty();
  }

  /** What a node's status calls it. */
  String uniqueName() {
    return PREFIX + driver + "^" + handle;
  }

  /** The name of the VolumeAttachment that joins it to a node: upstream's, kubelets look for it. */
  String attachment(String node) {
    return attachment(handle, driver, node);
  }

  /** The attachment of what a node's status calls so; empty for what is no driver's. */
  static Optional<String> attachment(String uniqueName, String node) {
    int between = uniqueName.indexOf('^');
    return uniqueName.startsWith(PREFIX) && between > 0
        ? Optional.of(
            attachment(
                uniqueName.substring(between + 1),
                uniqueName.substring(PREFIX.length(), between),
                node))
        : Optional.empty();
  }

  /** Whether a VolumeAttachment is called as this class calls them. */
  static boolean isAttachmentName(String name) {
    return ATTACHMENT_NAME.matcher(name).matches();
  }

  private static String attachment(String handle, String driver, String node) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((handle + driver + node).getBytes(StandardCharsets.UTF_8));
      return "csi-" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
