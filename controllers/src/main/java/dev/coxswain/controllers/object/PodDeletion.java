package dev.coxswain.controllers.object;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.manager.Actions;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;

/** How a workload ends a pod of its own: people are told of both that and why it could not. */
public final class PodDeletion {
  private PodDeletion() {}

  /** Deletes a pod; one that is gone already is nothing to complain of. */
  public static void delete(HasMetadata owner, Pod pod, Actions act) {
    try {
      act.delete(pod);
    } catch (ApiException refused) {
      if (refused.is(StatusReason.NOT_FOUND)) {
        return;
      }
      act.warning(owner, "FailedDelete", "Error deleting: " + refused.getMessage());
      throw refused;
    }
    act.normal(owner, "SuccessfulDelete", "Deleted pod: " + Meta.name(pod));
  }
}
