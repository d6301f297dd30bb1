package dev.coxswain.kubelet.event;

import dev.coxswain.runtime.client.EventRecorder;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.Pod;

/** Pod events by the recorder, about the container where there is one. */
public final class RecordedPodEvents implements PodEvents {
  private final EventRecorder recorder;

  /** Tells this recorder, which stays the caller's to close. */
  public RecordedPodEvents(EventRecorder recorder) {
    this.recorder = recorder;
  }

  @Override
  public void normal(Pod pod, String container, String reason, String message) {
    recorder.event(about(pod, container), false, reason, message);
  }

  @Override
  public void warning(Pod pod, String container, String reason, String message) {
    recorder.event(about(pod, container), true, reason, message);
  }

  private static ObjectReference about(Pod pod, String container) {
    ObjectReference reference = new ObjectReference();
    reference.setApiVersion("v1");
    reference.setKind("Pod");
    reference.setNamespace(pod.getMetadata().getNamespace());
    reference.setName(pod.getMetadata().getName());
    reference.setUid(pod.getMetadata().getUid());
    reference.setResourceVersion(pod.getMetadata().getResourceVersion());
    if (!container.isEmpty()) {
      reference.setFieldPath("spec.containers{" + container + "}");
    }
    return reference;
  }
}
