package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.cri.CriLabels;
import dev.coxswain.proto.cri.PodSandbox;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;

/** Pods of which only the runtime still knows. */
final class Orphans {
  private static final long DEFAULT_GRACE_SECONDS = 30;

  private Orphans() {}

  /** As much of the pod as its sandbox's labels and annotations hold. */
  static Pod pod(PodSandbox sandbox) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(sandbox.getMetadata().getName())
        .withNamespace(sandbox.getMetadata().getNamespace())
        .withUid(sandbox.getMetadata().getUid())
        .endMetadata()
        .withNewSpec()
        .withTerminationGracePeriodSeconds(
            grace(sandbox.getAnnotationsOrDefault(CriLabels.POD_GRACE_PERIOD, "")))
        .endSpec()
        .withNewStatus()
        .endStatus()
        .build();
  }

  private static long grace(String text) {
    return text.matches("[0-9]{1,9}") ? Long.parseLong(text) : DEFAULT_GRACE_SECONDS;
  }
}
