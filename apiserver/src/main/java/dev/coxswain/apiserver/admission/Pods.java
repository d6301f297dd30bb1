package dev.coxswain.apiserver.admission;

import tools.jackson.databind.node.ObjectNode;

/** What several plugins ask about a pod. */
final class Pods {
  private static final String MIRROR = "kubernetes.io/config.mirror";

  private Pods() {}

  /** Whether the pod only shows one that a node runs from a file of its own. */
  static boolean isMirror(ObjectNode pod) {
    return pod.path("metadata").path("annotations").has(MIRROR);
  }
}
