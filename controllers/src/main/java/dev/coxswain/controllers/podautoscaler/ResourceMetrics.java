package dev.coxswain.controllers.podautoscaler;

import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.controllers.podautoscaler.Metrics.Proposal;
import dev.coxswain.controllers.podautoscaler.Metrics.Scene;
import dev.coxswain.controllers.podautoscaler.ReplicaCount.Count;
import io.fabric8.kubernetes.api.model.autoscaling.v2.ContainerResourceMetricSource;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatusBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricTarget;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricValueStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricValueStatusBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.ResourceMetricSource;
import java.util.Map;
import java.util.Optional;

/** What the pods' use of processors and memory says about how many there should be. */
final class ResourceMetrics {
  private final PodUsage usage;

  ResourceMetrics(PodUsage usage) {
    this.usage = usage;
  }

  Proposal of(ResourceMetricSource source, Scene scene) throws NoAnswer {
    Answer answer =
        ask(
            new Asked(
                source.getName(),
                Optional.empty(),
                source.getTarget(),
                "FailedGetResourceMetric",
                "resource"),
            scene);
    return new Proposal(
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

  Proposal of(ContainerResourceMetricSource source, Scene scene) throws NoAnswer {
    Answer answer =
        ask(
            new Asked(
                source.getName(),
                Optional.of(source.getContainer()),
                source.getTarget(),
                "FailedGetContainerResourceMetric",
                "container resource"),
            scene);
    return new Proposal(
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

  private record Asked(
      String resource,
      Optional<String> container,
      MetricTarget target,
      String failure,
      String words) {}

  private record Answer(int replicas, String words, MetricValueStatus current) {}

  private Answer ask(Asked asked, Scene scene) throws NoAnswer {
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
      ReplicaCount counting = scene.count(measured, asked.resource());
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
