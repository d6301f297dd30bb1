package dev.coxswain.kubelet.manifest;

import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;

/** The marks by which static pods and their mirrors are known, as upstream's kubelet sets them. */
public final class StaticPod {
  static final String SOURCE = "kubernetes.io/config.source";
  static final String HASH = "kubernetes.io/config.hash";
  static final String SEEN = "kubernetes.io/config.seen";
  static final String MIRROR = "kubernetes.io/config.mirror";
  private static final String FILE = "file";
  private static final int UID_BYTES = 16;

  /** The form of the uids of static pods: no hyphens, unlike those of the API server. */
  private static final Pattern OWN = Pattern.compile("[0-9a-f]{" + 2 * UID_BYTES + "}");

  private StaticPod() {}

  /**
   * Whether the pod comes from a manifest. The annotation alone says nothing, since anybody may
   * write it into a pod of the API; but such a pod has its uid from the API server, in another form
   * than those that are given here.
   */
  public static boolean is(Pod pod) {
    String uid = pod.getMetadata().getUid();
    return FILE.equals(annotations(pod).get(SOURCE)) && uid != null && OWN.matcher(uid).matches();
  }

  /** Whether the API's pod only shows a static one. */
  public static boolean isMirror(Pod pod) {
    return annotations(pod).containsKey(MIRROR);
  }

  /** The uid of the static pod that a mirror shows. */
  public static String mirrored(Pod mirror) {
    return annotations(mirror).getOrDefault(MIRROR, "");
  }

  /**
   * A manifest as a pod of this node: named after the node, so that the same manifest may lie on
   * every node, and with a uid that changes when the manifest does.
   */
  static Pod of(Pod manifest, byte[] text, String file, String node, Instant seen) {
    String uid = uid(text, file, node);
    String namespace = manifest.getMetadata().getNamespace();
    return new PodBuilder(manifest)
        .editMetadata()
        .withName(manifest.getMetadata().getName() + "-" + node)
        .withNamespace(namespace == null || namespace.isEmpty() ? "default" : namespace)
        .withUid(uid)
        .addToAnnotations(Map.of(SOURCE, FILE, HASH, uid, SEEN, seen.toString()))
        .endMetadata()
        .editSpec()
        .withNodeName(node)
        .addNewToleration()
        .withEffect("NoExecute")
        .withOperator("Exists")
        .endToleration()
        .endSpec()
        .withStatus(new PodStatus())
        .build();
  }

  /** What shows the static pod in the API; the node owns it. */
  static Pod mirror(Pod pod, String node, String nodeUid) {
    return new PodBuilder(pod)
        .editMetadata()
        .withUid(null)
        .addToAnnotations(MIRROR, pod.getMetadata().getUid())
        .withOwnerReferences(
            new OwnerReferenceBuilder()
                .withApiVersion("v1")
                .withKind("Node")
                .withName(node)
                .withUid(nodeUid)
                .withController(true)
                .build())
        .endMetadata()
        .withStatus(null)
        .build();
  }

  private static String uid(byte[] text, String file, String node) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((node + "\n" + file + "\n").getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(text), 0, UID_BYTES);
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException("every JDK has SHA-256", absent);
    }
  }

  private static Map<String, String> annotations(Pod pod) {
    Map<String, String> annotations = pod.getMetadata().getAnnotations();
    return annotations == null ? Map.of() : annotations;
  }
}
