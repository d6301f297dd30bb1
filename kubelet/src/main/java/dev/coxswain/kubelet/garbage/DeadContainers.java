package dev.coxswain.kubelet.garbage;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.cri.CriLabels;
import dev.coxswain.kubelet.log.ContainerLogs;
import dev.coxswain.proto.cri.Container;
import dev.coxswain.proto.cri.ContainerFilter;
import dev.coxswain.proto.cri.ContainerState;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what ended containers wrote, of pods that have ended: their status is told already, only
 * their logs and files are still there. Pods that run on keep theirs; they are bounded by the pod's
 * own worker.
 */
public final class DeadContainers {
  private static final Logger LOG = LoggerFactory.getLogger(DeadContainers.class);

  private final ContainerRuntime runtime;
  private final ContainerLogs logs;
  private final Supplier<Set<String>> ended;

  /**
   * Removes containers of this runtime.
   *
   * @param ended the uids of the pods that have ended
   */
  public DeadContainers(ContainerRuntime runtime, ContainerLogs logs, Supplier<Set<String>> ended) {
    this.runtime = runtime;
    this.logs = logs;
    this.ended = ended;
  }

  /** Removes them with their logs; what cannot be removed is left. */
  public void remove() {
    Set<String> gone = ended.get();
    for (Container container : runtime.listContainers(ContainerFilter.getDefaultInstance())) {
      String uid = container.getLabelsMap().getOrDefault(CriLabels.POD_UID, "");
      if (container.getState() == ContainerState.CONTAINER_EXITED && gone.contains(uid)) {
        try {
          logs.remove(
              new ContainerLogs.Owner(
                  container.getLabelsMap().getOrDefault(CriLabels.POD_NAMESPACE, ""),
                  container.getLabelsMap().getOrDefault(CriLabels.POD_NAME, ""),
                  uid,
                  container.getLabelsMap().getOrDefault(CriLabels.CONTAINER_NAME, ""),
                  container.getMetadata().getAttempt(),
                  container.getId()));
          runtime.removeContainer(container.getId());
        } catch (CriException failure) {
          LOG.warn("Container {} cannot be removed: {}", container.getId(), failure.getMessage());
        }
      }
    }
  }
}
