package dev.coxswain.e2e;

import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What containers were ever seen to do, by pod and restarts: nothing that is told is missed. */
final class ContainerSightings implements ResourceEventHandler<Pod> {
  final Set<String> seen = ConcurrentHashMap.newKeySet();

  @Override
  public void onAdd(Pod pod) {
    for (ContainerStatus status : pod.getStatus().getContainerStatuses()) {
      ContainerStateWaiting waiting = status.getState().getWaiting();
      String state = status.getState().getRunning() == null ? "ended" : "running";
      if (waiting != null) {
        String message = waiting.getMessage();
        state = message == null ? waiting.getReason() : message.replaceFirst(" container=.*", "");
      }
      seen.add(pod.getMetadata().getName() + " " + status.getRestartCount() + ": " + state);
    }
  }

  @Override
  public void onUpdate(Pod before, Pod after) {
    onAdd(after);
  }

  @Override
  public void onDelete(Pod last, boolean unknown) {}
}
