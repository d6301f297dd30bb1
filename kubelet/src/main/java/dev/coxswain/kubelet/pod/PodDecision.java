package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What to do about a pod now.
 *
 * @param actions to begin; none of them is under way
 * @param status what the API should say
 * @param remarks events about the state itself, each to be told once
 * @param wakeAt when to decide again although nothing was heard; empty if only news can change
 *     anything
 * @param done whether nothing of the pod is left on the node
 */
public record PodDecision(
    List<PodAction> actions,
    PodStatus status,
    List<Remark> remarks,
    Optional<Instant> wakeAt,
    boolean done) {
  public PodDecision {
    actions = List.copyOf(actions);
    remarks = List.copyOf(remarks);
  }

  /**
   * An event about the state.
   *
   * @param once what makes it new: it is told again only for another value
   */
  public record Remark(Type type, String container, String reason, String message, String once) {
    /** An event's type, as the API has it. */
    public enum Type {
      NORMAL,
      WARNING
    }
  }
}
