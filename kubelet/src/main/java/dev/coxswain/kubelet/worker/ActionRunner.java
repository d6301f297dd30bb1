package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.pod.Failure;
import dev.coxswain.kubelet.pod.PodAction;
import dev.coxswain.kubelet.pod.SandboxView;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Optional;

/** Carries one action out and blocks until it is done. Thread-safe. */
public interface ActionRunner {

  /**
   * Does it; the failure tells why it could not be done.
   *
   * @param sandboxes what the runtime showed when it was decided
   */
  Optional<Failure> run(Pod pod, PodAction action, List<SandboxView> sandboxes)
      throws InterruptedException;

  /** Nothing of the pod is left in the runtime or the API: its last traces may go. */
  void forget(Pod pod);
}
