package dev.coxswain.kubelet.server;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.stream.Stream;

/** Why there is no log to show, in upstream's words. */
final class MissingLog {
  private MissingLog() {}

  static String describe(Pod pod, String container, boolean previous) {
    String subject =
        "container \"" + container + "\" in pod \"" + pod.getMetadata().getName() + "\"";
    if (previous) {
      return "previous terminated " + subject + " not found";
    }
    String reason =
        Stream.of(
                pod.getStatus().getInitContainerStatuses(),
                pod.getStatus().getContainerStatuses(),
                pod.getStatus().getEphemeralContainerStatuses())
            .flatMap(List::stream)
            .filter(status -> status.getName().equals(container))
            .map(MissingLog::waiting)
            .findFirst()
            .orElse("");
    return switch (reason) {
      case "" -> subject + " is not available";
      case "ErrImagePull" -> subject + " is waiting to start: image can't be pulled";
      case "ImagePullBackOff" -> subject + " is waiting to start: trying and failing to pull image";
      default -> subject + " is waiting to start: " + reason;
    };
  }

  private static String waiting(ContainerStatus status) {
    boolean waits = status.getState() != null && status.getState().getWaiting() != null;
    String reason = waits ? status.getState().getWaiting().getReason() : null;
    return reason == null ? "" : reason;
  }
}
