package dev.coxswain.controllers.statefulset;

import dev.coxswain.controllers.history.History;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;

/**
 * The template that the pods have and the one that they are to have.
 *
 * @param current what a completed rollout left
 * @param update what is wanted now
 */
record Revisions(ControllerRevision current, ControllerRevision update) {

  static Revisions of(StatefulSet set, History history) {
    String name = set.getStatus() == null ? "" : Meta.text(set.getStatus().getCurrentRevision());
    return new Revisions(history.named(name), history.current());
  }

  boolean isUpdate(Pod pod) {
    return Meta.name(update).equals(Meta.labels(pod).get(History.LABEL));
  }

  boolean isCurrent(Pod pod) {
    return Meta.name(current).equals(Meta.labels(pod).get(History.LABEL));
  }

  /** Places below it keep the current template. */
  int firstRolled(StatefulSet set) {
    var strategy = set.getSpec().getUpdateStrategy();
    return Slots.first(set)
        + (strategy == null || strategy.getRollingUpdate() == null
            ? 0
            : Meta.number(strategy.getRollingUpdate().getPartition(), 0));
  }

  /**
   * The template of a pod that is made now. Without parameters of a rollout, a place that it has
   * not reached yet comes back as it was; with them, only the places below the partition do.
   */
  ControllerRevision forSlot(StatefulSet set, int slot) {
    var strategy = set.getSpec().getUpdateStrategy();
    if (strategy != null && "OnDelete".equals(strategy.getType())) {
      return update;
    }
    if (strategy != null && strategy.getRollingUpdate() != null) {
      return slot < firstRolled(set) ? current : update;
    }
    int remaining =
        set.getStatus() == null ? 0 : Meta.number(set.getStatus().getCurrentReplicas(), 0);
    return slot < Slots.first(set) + remaining ? current : update;
  }
}
