package dev.coxswain.controllers.object;

import dev.coxswain.api.json.Json;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The condition that tells a pod's owner that not the pod failed, but the cluster ended it. */
public final class Disruption {
  /** The condition's type. */
  public static final String TARGET = "DisruptionTarget";

  private Disruption() {}

  /**
   * The pod's conditions with {@code DisruptionTarget} set, as JSON for a merge patch. It says of
   * which generation of the pod it is, and since when it stands.
   */
  public static JsonNode conditions(Pod pod, String reason, String message, Instant now) {
    PodCondition target =
        new PodConditionBuilder()
            .withType(TARGET)
            .withStatus("True")
            .withReason(reason)
            .withMessage(message)
            .withLastTransitionTime(
                Pods.condition(pod, TARGET)
                    .filter(standing -> "True".equals(standing.getStatus()))
                    .map(PodCondition::getLastTransitionTime)
                    .orElseGet(() -> Meta.timestamp(now)))
            .withObservedGeneration(pod.getMetadata().getGeneration())
            .build();
    return with(pod, target);
  }

  /** The pod's conditions with one of them replaced or added, as JSON for a merge patch. */
  public static JsonNode with(Pod pod, PodCondition condition) {
    List<PodCondition> current =
        pod.getStatus() == null ? List.of() : Meta.list(pod.getStatus().getConditions());
    List<PodCondition> all =
        Stream.concat(
                current.stream().filter(other -> !other.getType().equals(condition.getType())),
                Stream.of(condition))
            .toList();
    return Json.mapper().valueToTree(all);
  }
}
