package dev.coxswain.kubelet.node;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;

/**
 * Where things lie, as upstream's kubelet lays them, because people and log collectors look there.
 *
 * @param root {@code /var/lib/kubelet}
 * @param logs {@code /var/log/pods}
 */
public record NodePaths(Path root, Path logs) {

  /** Everything of all pods. */
  public Path pods() {
    return root.resolve("pods");
  }

  /** Everything of a pod. */
  public Path pod(String uid) {
    return pods().resolve(uid);
  }

  /** A volume of a pod. */
  public Path volume(String uid, String plugin, String name) {
    return volumes(uid, plugin).resolve(name);
  }

  /** All volumes of one kind of a pod. */
  public Path volumes(String uid, String plugin) {
    return pod(uid).resolve("volumes").resolve("kubernetes.io~" + plugin);
  }

  /** Where paths within volumes are pinned for one container of a pod. */
  public Path subPaths(String uid, String container) {
    return subPaths(uid).resolve(container);
  }

  /** Where paths within volumes are pinned for a pod. */
  public Path subPaths(String uid) {
    return pod(uid).resolve("volume-subpaths");
  }

  /** The pod's own hosts file. */
  public Path hosts(String uid) {
    return pod(uid).resolve("etc-hosts");
  }

  /** What belongs to one container of a pod. */
  public Path container(String uid, String name) {
    return pod(uid).resolve("containers").resolve(name);
  }

  /** The logs of a pod's containers. */
  public Path podLogs(Pod pod) {
    ObjectMeta meta = pod.getMetadata();
    return podLogs(meta.getNamespace(), meta.getName(), meta.getUid());
  }

  /** The logs of a pod's containers. */
  public Path podLogs(String namespace, String name, String uid) {
    return logs.resolve(namespace + "_" + name + "_" + uid);
  }

  /** The links to all containers' logs. */
  public Path logLinks() {
    return logs.resolveSibling("containers");
  }

  /** A container's log, below the pod's logs. */
  public static String containerLog(String container, int restarts) {
    return container + "/" + restarts + ".log";
  }
}
