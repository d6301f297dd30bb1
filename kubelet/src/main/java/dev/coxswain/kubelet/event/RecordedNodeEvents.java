package dev.coxswain.kubelet.event;

import dev.coxswain.runtime.client.EventRecorder;
import io.fabric8.kubernetes.api.model.ObjectReference;

/** Node events by the recorder; upstream names the node by its name where the uid should be. */
public record RecordedNodeEvents(EventRecorder recorder, String node) implements NodeEvents {

  @Override
  public void record(boolean warning, String reason, String message) {
    ObjectReference reference = new ObjectReference();
    reference.setApiVersion("v1");
    reference.setKind("Node");
    reference.setName(node);
    reference.setUid(node);
    recorder.event(reference, warning, reason, message);
  }
}
