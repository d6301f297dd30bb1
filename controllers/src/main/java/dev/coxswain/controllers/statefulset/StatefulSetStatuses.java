package dev.coxswain.controllers.statefulset;

import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** What a StatefulSet's status says of its pods. */
final class StatefulSetStatuses {
  private StatefulSetStatuses() {}

  /** Writes the status if it changed. */
  static void update(
      StatefulSet set,
      NavigableMap<Integer, Pod> bySlot,
      Revisions revisions,
      View view,
      Actions act) {
    int ready = 0;
    int available = 0;
    int current = 0;
    int updated = 0;
    for (Pod pod : bySlot.values()) {
      ready += Pods.active(pod) && Pods.ready(pod) ? 1 : 0;
      available += StatefulSetController.available(set, pod, view) ? 1 : 0;
      current += Pods.active(pod) && revisions.isCurrent(pod) ? 1 : 0;
      updated += Pods.active(pod) && revisions.isUpdate(pod) ? 1 : 0;
    }
    int replicas = bySlot.size();
    String currentName = Meta.name(revisions.current());
    String updateName = Meta.name(revisions.update());
    var strategy = set.getSpec().getUpdateStrategy();
    boolean rolls = strategy == null || !"OnDelete".equals(strategy.getType());
    if (rolls && updated == replicas && ready == replicas && replicas == Slots.replicas(set)) {
      // The rollout is complete: what was to be is what is.
      current = updated;
      currentName = updateName;
    }
    var status = new StatefulSetStatus();
    status.setObservedGeneration(Meta.generation(set));
    status.setReplicas(replicas);
    status.setReadyReplicas(positive(ready));
    status.setAvailableReplicas(available);
    status.setCurrentReplicas(positive(current));
    status.setUpdatedReplicas(positive(updated));
    status.setCurrentRevision(currentName);
    status.setUpdateRevision(updateName);
    StatefulSetStatus before = set.getStatus();
    int collisions = before == null ? 0 : Meta.number(before.getCollisionCount(), 0);
    status.setCollisionCount(collisions);
    if (before != null) {
      // We set none; what others say there stays.
      status.setConditions(Meta.list(before.getConditions()));
    }
    if (!status.equals(before)) {
      act.updateStatus(new StatefulSetBuilder(set).withStatus(status).build());
    }
  }

  /** A count as the API serializes it: absent when it is nothing. */
  private static @Nullable Integer positive(int count) {
    return count == 0 ? null : count;
  }
}
