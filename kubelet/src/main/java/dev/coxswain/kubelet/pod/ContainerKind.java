package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.Container;

/** The part a container plays in its pod. */
public enum ContainerKind {
  /** Runs to its end before the next one starts. */
  INIT,
  /** An init container with {@code restartPolicy: Always}: stays beside the main ones. */
  SIDECAR,
  MAIN,
  /** Added to a running pod for debugging; never restarted. */
  EPHEMERAL;

  static ContainerKind ofInit(Container container) {
    return "Always".equals(container.getRestartPolicy()) ? SIDECAR : INIT;
  }
}
