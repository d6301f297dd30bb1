package dev.coxswain.controllers.podautoscaler;

import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerCondition;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerConditionBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerStatusBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The status of an autoscaler while it is being found out. */
final class AutoscalerStatus {
  private final HorizontalPodAutoscalerStatusBuilder status;
  private final List<HorizontalPodAutoscalerCondition> conditions;
  private final Instant now;

  AutoscalerStatus(HorizontalPodAutoscaler autoscaler, Instant now) {
    HorizontalPodAutoscalerStatus before =
        autoscaler.getStatus() == null
            ? new HorizontalPodAutoscalerStatus()
            : autoscaler.getStatus();
    this.status = new HorizontalPodAutoscalerStatusBuilder(before);
    this.conditions = new ArrayList<>(Meta.list(before.getConditions()));
    this.now = now;
  }

  void replicas(int current, int desired) {
    status.withCurrentReplicas(current).withDesiredReplicas(desired);
  }

  void current(int replicas) {
    status.withCurrentReplicas(replicas);
  }

  void metrics(List<MetricStatus> metrics) {
    status.withCurrentMetrics(metrics);
  }

  void scaled() {
    status.withLastScaleTime(Meta.timestamp(now));
  }

  void ableToScale(boolean holds, String reason, String message) {
    condition("AbleToScale", holds, reason, message);
  }

  void active(boolean holds, String reason, String message) {
    condition("ScalingActive", holds, reason, message);
  }

  void limited(boolean holds, String reason, String message) {
    condition("ScalingLimited", holds, reason, message);
  }

  private void condition(String type, boolean holds, String reason, String message) {
    String value = holds ? "True" : "False";
    var condition =
        new HorizontalPodAutoscalerConditionBuilder()
            .withType(type)
            .withStatus(value)
            .withReason(reason)
            .withMessage(message);
    for (int i = 0; i < conditions.size(); i++) {
      HorizontalPodAutoscalerCondition standing = conditions.get(i);
      if (standing.getType().equals(type)) {
        boolean same = Objects.equals(standing.getStatus(), value);
        conditions.set(
            i,
            condition
                .withLastTransitionTime(
                    same ? standing.getLastTransitionTime() : Meta.timestamp(now))
                .build());
        return;
      }
    }
    conditions.add(condition.withLastTransitionTime(Meta.timestamp(now)).build());
  }

  HorizontalPodAutoscalerStatus build() {
    return status.withConditions(conditions).build();
  }
}
