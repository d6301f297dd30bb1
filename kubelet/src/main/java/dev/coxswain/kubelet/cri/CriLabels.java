package dev.coxswain.kubelet.cri;

/**
 * The labels and annotations that tie sandboxes and containers to their pods, as upstream's kubelet
 * writes them: all that must be known of a running pod after the kubelet's own death stands here.
 */
public final class CriLabels {
  public static final String POD_NAME = "io.kubernetes.pod.name";
  public static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";
  public static final String POD_UID = "io.kubernetes.pod.uid";
  public static final String CONTAINER_NAME = "io.kubernetes.container.name";

  /** Annotation: hash of the container's spec; a running container of another hash is replaced. */
  public static final String CONTAINER_HASH = "io.kubernetes.container.hash";

  /** Annotation: how often the container had been restarted when this one was made. */
  public static final String RESTART_COUNT = "io.kubernetes.container.restartCount";

  public static final String TERMINATION_MESSAGE_PATH =
      "io.kubernetes.container.terminationMessagePath";
  public static final String TERMINATION_MESSAGE_POLICY =
      "io.kubernetes.container.terminationMessagePolicy";

  /** Annotation: the pod's grace period in seconds, for a pod whose spec is no longer known. */
  public static final String POD_GRACE_PERIOD = "io.kubernetes.pod.terminationGracePeriod";

  /**
   * Annotation of our own: seconds to wait, from its end, before this container is replaced; so the
   * back-off survives the kubelet.
   */
  public static final String BACKOFF_SECONDS = "dev.coxswain.container.backoff-seconds";

  /** Annotation of our own: the resources that the container was made with, as JSON. */
  public static final String RESOURCES = "dev.coxswain.container.resources";

  private CriLabels() {}
}
