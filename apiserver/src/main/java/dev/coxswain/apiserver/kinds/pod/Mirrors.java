package dev.coxswain.apiserver.kinds.pod;

import tools.jackson.databind.JsonNode;

/** Pods that only show those that nodes run from files of their own. */
public final class Mirrors {
  static final String ANNOTATION = "kubernetes.io/config.mirror";

  private Mirrors() {}

  /** Whether the pod only shows one that a node runs from a file of its own. */
  public static boolean isMirror(JsonNode pod) {
    return pod.path("metadata").path("annotations").has(ANNOTATION);
  }
}
