package dev.coxswain.controllers.podautoscaler;

import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.controllers.podautoscaler.ReplicaCount.Count;
import dev.coxswain.controllers.podautoscaler.ReplicaCount.Tolerance;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatusBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricTarget;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricValueStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricValueStatusBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What each metric of an autoscaler says about how many replicas there should be. */
final class Metrics {
  private final PodUsage usage;

  Metrics(PodUsage usage) {
    this.usage = usage;
  }

  /**
   * What a metric is counted on.
   *
   * @param namespace the target's
   * @param selector which pods are the target's, as its scale says
   * @param pods those pods
   * @param replicas how many of them are wanted now
   */
  record Scene(
      String namespace,
      String selector,
      List<Pod> pods,
      int replicas,
      Tolerance tolerance,
      Instant now) {}

  /**
   * What a metric says.
   *
   * @param replicas how many there should be
   * @param metric the metric in words
   * @param status the metric's value for the status
   */
  record Proposal(int replicas, String metric, MetricStatus status) {}

  /**
   * Asks one metric.
   *
   * @throws NoAnswer with the reason of the condition
   */
  Proposal ask(MetricSpec metric, Scene scene) throws NoAnswer {
    return switch (metric.getType()) {
      case "Resource" -> {
        var source = metric.getResource();
        Answer answer =
            resource(
                new Asked(
                    source.getName(),
                    Optional.empty(),
                    source.getTarget(),
                    "FailedGetResourceMetric",
                    "resource"),
                scene);
        yield new Proposal(
            answer.replicas(),
            answer.words(),
            new MetricStatusBuilder()
                .withType("Resource")
                .withNewResource()
                .withName(source.getName())
                .withCurrent(answer.current())
                .endResource()
                .build());
      }
      case "ContainerResource" -> {
        var source = metric.getContainerResource();
        Answer answer =
            resource(
                new Asked(
                    source.getName(),
                    Optional.of(source.getContainer()),
                    source.getTarget(),
                    "FailedGetContainerResourceMetric",
                    "container resource"),
                scene);
        yield new Proposal(
            answer.replicas(),
            answer.words(),
            new MetricStatusBuilder()
                .withType("ContainerResource")
                .withNewContainerResource()
                .withName(source.getName())
                .withContainer(source.getContainer())
                .withCurrent(answer.current())
                .endContainerResource()
                .build());
      }
      case "Pods", "Object" ->
          throw new NoAnswer(
              "FailedGet" + metric.getType() + "Metric",
              "unable to fetch metrics from custom metrics API: no known available metric versions"
                  + " found");
      case "External" ->
          throw new NoAnswer(
              "FailedGetExternalMetric",
              "unable to fetch metrics from external metrics API: no known available metric"
                  + " versions found");
      default ->
          throw new NoAnswer(
              "InvalidMetricSourceType", "unknown metric source type \"" + metric.getType() + "\"");
    };
  }

  private record Asked(
      String resource,
      Optional<String> container,
      MetricTarget target,
      String failure,
      String words) {}

  private record Answer(int replicas, String words, MetricValueStatus current) {}

  private Answer resource(Asked asked, Scene scene) throws NoAnswer {
    MetricTarget target = asked.target();
    try {
      if (target.getAverageValue() == null && target.getAverageUtilization() == null) {
        throw new NoAnswer(
            asked.failure(),
            "invalid resource metric source: neither an average utilization target nor an average"
                + " value (usage) target was set");
      }
      Map<String, Sample> measured =
          usage.of(scene.namespace(), scene.selector(), asked.resource(), asked.container());
      var counting =
          new ReplicaCount(
              scene.replicas(),
              scene.pods(),
              measured,
              asked.resource(),
              scene.now(),
              scene.tolerance());
      if (target.getAverageValue() != null) {
        Count count =
            counting.forAverage(Quantity.parse(target.getAverageValue().toString()).milli());
        return new Answer(
            count.replicas(),
            asked.resource() + " " + asked.words(),
            current(asked.resource(), count).build());
      }
      Count count = counting.forUtilization(target.getAverageUtilization(), asked.container());
      return new Answer(
          count.replicas(),
          asked.resource() + " " + asked.words() + " utilization (percentage of request)",
          current(asked.resource(), count).withAverageUtilization(count.utilization()).build());
    } catch (NoAnswer none) {
      String attempt = target.getAverageValue() == null ? "utilization" : "usage";
      throw new NoAnswer(
          asked.failure(),
          "failed to get " + asked.resource() + " " + attempt + ": " + none.message());
    }
  }

  private static MetricValueStatusBuilder current(String resource, Count count) {
    Quantity average =
        resource.equals("cpu")
            ? Quantity.ofMilli(count.averageMilli())
            : Quantity.ofBytes(count.averageMilli() / 1000);
    return new MetricValueStatusBuilder()
        .withAverageValue(io.fabric8.kubernetes.api.model.Quantity.parse(average.toString()));
  }
}
