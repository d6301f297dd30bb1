package dev.coxswain.kubelet.admission;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Pods that are made for another system than this node's; schedulers do not look at that. */
final class OperatingSystem {
  private static final String OWN = "linux";
  private static final String LABEL = "kubernetes.io/os";

  private OperatingSystem() {}

  /** Why the pod cannot run here, by its label or by what its spec says. */
  static Optional<Refusal> refusal(Pod pod) {
    @Nullable Map<String, String> labels = pod.getMetadata().getLabels();
    if (labels != null && !OWN.equals(labels.getOrDefault(LABEL, OWN))) {
      return Optional.of(
          new Refusal(
              "PodOSSelectorNodeLabelDoesNotMatch",
              "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"));
    }
    return pod.getSpec().getOs() != null && !OWN.equals(pod.getSpec().getOs().getName())
        ? Optional.of(
            new Refusal(
                "PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS"))
        : Optional.empty();
  }
}
