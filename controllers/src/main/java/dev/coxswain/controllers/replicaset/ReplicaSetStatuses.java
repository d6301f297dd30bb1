package dev.coxswain.controllers.replicaset;

import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.controllers.object.Selectors;
import dev.coxswain.controllers.replicaset.PodCount.Failure;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetCondition;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetConditionBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** What a ReplicaSet's status says of its pods. */
final class ReplicaSetStatuses {
  private static final String REPLICA_FAILURE = "ReplicaFailure";

  private ReplicaSetStatuses() {}

  /** The status of a set with these pods. */
  static ReplicaSetStatus of(
      ReplicaSet set, List<Pod> active, Optional<Failure> failure, Instant now) {
    int minReadySeconds = Meta.number(set.getSpec().getMinReadySeconds(), 0);
    var metadata = set.getSpec().getTemplate().getMetadata();
    Map<String, String> templateLabels =
        metadata == null ? Map.of() : Meta.map(metadata.getLabels());
    var status = new ReplicaSetStatus();
    status.setReplicas(active.size());
    status.setFullyLabeledReplicas(
        positive(
            active.stream().filter(pod -> Selectors.contains(Meta.labels(pod), templateLabels))));
    status.setReadyReplicas(positive(active.stream().filter(Pods::ready)));
    status.setAvailableReplicas(
        positive(active.stream().filter(pod -> Pods.available(pod, minReadySeconds, now))));
    status.setObservedGeneration(Meta.generation(set));
    status.setConditions(conditions(set, failure, now));
    return status;
  }

  /** A count as the API serializes it: absent when it is nothing. */
  private static @org.jspecify.annotations.Nullable Integer positive(Stream<Pod> pods) {
    int count = Math.toIntExact(pods.count());
    return count == 0 ? null : count;
  }

  private static List<ReplicaSetCondition> conditions(
      ReplicaSet set, Optional<Failure> failure, Instant now) {
    List<ReplicaSetCondition> current =
        set.getStatus() == null ? List.of() : Meta.list(set.getStatus().getConditions());
    Stream<ReplicaSetCondition> others =
        current.stream().filter(condition -> !condition.getType().equals(REPLICA_FAILURE));
    if (failure.isEmpty()) {
      return others.toList();
    }
    String reason = failure.get().reason();
    ReplicaSetCondition unchanged =
        current.stream()
            .filter(condition -> condition.getType().equals(REPLICA_FAILURE))
            .filter(condition -> Objects.equals(condition.getReason(), reason))
            .findFirst()
            .orElse(null);
    ReplicaSetCondition standing =
        unchanged != null
            ? unchanged
            : new ReplicaSetConditionBuilder()
                .withType(REPLICA_FAILURE)
                .withStatus("True")
                .withReason(reason)
                .withMessage(failure.get().cause().getMessage())
                .withLastTransitionTime(Meta.timestamp(now))
                .build();
    return Stream.concat(others, Stream.of(standing)).toList();
  }
}
