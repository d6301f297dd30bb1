package dev.coxswain.controllers.podautoscaler;

import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.controllers.object.Selectors;
import dev.coxswain.controllers.podautoscaler.ReplicaCount.Count;
import dev.coxswain.controllers.podautoscaler.ReplicaCount.Tolerance;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.autoscaling.v2.ExternalMetricSource;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricIdentifier;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatusBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricTarget;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricValueStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricValueStatusBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.ObjectMetricSource;
import io.fabric8.kubernetes.api.model.autoscaling.v2.PodsMetricSource;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What each metric of an autoscaler says about how many replicas there should be. */
final class Metrics {
  private final ResourceMetrics resources;
  private final AddedMetrics added;

  Metrics(ResourceMetrics resources, AddedMetrics added) {
    this.resources = resources;
    this.added = added;
  }

  /**
   * What a metric is counted on.
   *
   * @param namespace the target's
   * @param selector which pods are the target's, as its scale says
   * @param pods those pods
   * @param replicas how many of them are wanted now
   * @param standing how many of them there are
   */
  record Scene(
      String namespace,
      String selector,
      List<Pod> pods,
      int replicas,
      int standing,
      Tolerance tolerance,
      Instant now) {

    /** How to count by what the pods were measured to use of a resource. */
    ReplicaCount count(Map<String, Sample> measured, String resource) {
      return new ReplicaCount(replicas, pods, measured, resource, now, tolerance);
    }
  }

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
      case "Resource" -> resources.of(metric.getResource(), scene);
      case "ContainerResource" -> resources.of(metric.getContainerResource(), scene);
      case "Pods" -> pods(metric.getPods(), scene);
      case "Object" -> object(metric.getObject(), scene);
      case "External" -> external(metric.getExternal(), scene);
      default ->
          throw new NoAnswer(
              "InvalidMetricSourceType", "unknown metric source type \"" + metric.getType() + "\"");
    };
  }

  /** What was tried, as the event about all metrics says it. */
  static String attempt(MetricSpec metric) {
    return switch (metric.getType()) {
      case "Resource" ->
          "failed to get " + metric.getResource().getName() + " resource metric value";
      case "ContainerResource" ->
          "failed to get " + metric.getContainerResource().getName() + " container metric value";
      case "External" ->
          "failed to get " + metric.getExternal().getMetric().getName() + " external metric value";
      default -> "failed to get " + metric.getType().toLowerCase(Locale.ROOT) + " metric value";
    };
  }

  private Proposal pods(PodsMetricSource source, Scene scene) throws NoAnswer {
    String name = source.getMetric().getName();
    Count count;
    try {
      Map<String, Sample> measured =
          added.ofPods(scene.namespace(), scene.selector(), name, series(source.getMetric()));
      count = scene.count(measured, "").forAverage(milli(source.getTarget().getAverageValue()));
    } catch (NoAnswer none) {
      throw none.as("FailedGetPodsMetric", "unable to get metric " + name);
    }
    return new Proposal(
        count.replicas(),
        "pods metric " + name,
        new MetricStatusBuilder()
            .withType("Pods")
            .withNewPods()
            .withMetric(source.getMetric())
            .withCurrent(average(count))
            .endPods()
            .build());
  }

  private Proposal object(ObjectMetricSource source, Scene scene) throws NoAnswer {
    var described = source.getDescribedObject();
    String name = source.getMetric().getName();
    MetricTarget target = source.getTarget();
    boolean whole = whole(target, "object");
    Count count;
    try {
      long value = added.of(scene.namespace(), described, name, series(source.getMetric()));
      count = count(value, target, scene);
    } catch (NoAnswer none) {
      // In upstream's order, which is what people search for.
      throw new NoAnswer(
          "FailedGetObjectMetric",
          (whole ? "" : "failed to get " + name + " object metric: ")
              + "unable to get metric "
              + name
              + ": "
              + described.getKind()
              + " on "
              + scene.namespace()
              + " "
              + described.getName()
              + "/"
              + none.message());
    }
    return new Proposal(
        count.replicas(),
        whole ? described.getKind() + " metric " + name : external(source.getMetric()),
        new MetricStatusBuilder()
            .withType("Object")
            .withNewObject()
            .withDescribedObject(described)
            .withMetric(source.getMetric())
            .withCurrent(whole ? value(count) : average(count))
            .endObject()
            .build());
  }

  private Proposal external(ExternalMetricSource source, Scene scene) throws NoAnswer {
    String name = source.getMetric().getName();
    MetricTarget target = source.getTarget();
    boolean whole = whole(target, "external");
    Count count;
    try {
      count =
          count(added.external(scene.namespace(), name, series(source.getMetric())), target, scene);
    } catch (NoAnswer none) {
      throw none.as(
          "FailedGetExternalMetric",
          "failed to get "
              + name
              + " external metric: unable to get external metric "
              + scene.namespace()
              + "/"
              + name
              + "/"
              + GoText.of(source.getMetric().getSelector()));
    }
    return new Proposal(
        count.replicas(),
        external(source.getMetric()),
        new MetricStatusBuilder()
            .withType("External")
            .withNewExternal()
            .withMetric(source.getMetric())
            .withCurrent(whole ? value(count) : average(count))
            .endExternal()
            .build());
  }

  /** Whether a target is one of all pods together, and not one of each. */
  private static boolean whole(MetricTarget target, String source) throws NoAnswer {
    if (target.getAverageValue() == null && target.getValue() == null) {
      throw new NoAnswer(
          "InvalidMetricSourceType",
          "invalid "
              + source
              + " metric source: neither a value target nor an average value target was set");
    }
    return target.getAverageValue() == null;
  }

  /** A value against what all pods together, or each of them, should bring it to. */
  private static Count count(long value, MetricTarget target, Scene scene) throws NoAnswer {
    ReplicaCount counting = scene.count(Map.of(), "");
    return target.getAverageValue() == null
        ? counting.forValue(value, milli(target.getValue()))
        : counting.forShare(value, milli(target.getAverageValue()), scene.standing());
  }

  private static String external(MetricIdentifier metric) {
    return "external metric " + metric.getName() + "(" + GoText.of(metric.getSelector()) + ")";
  }

  /** Which of a metric's series, as a query says it. */
  private static String series(MetricIdentifier metric) {
    return Selectors.of(metric.getSelector()).toString();
  }

  private static long milli(io.fabric8.kubernetes.api.model.Quantity quantity) {
    return Quantity.parse(quantity.toString()).milli();
  }

  private static MetricValueStatus average(Count count) {
    return new MetricValueStatusBuilder().withAverageValue(quantity(count)).build();
  }

  private static MetricValueStatus value(Count count) {
    return new MetricValueStatusBuilder().withValue(quantity(count)).build();
  }

  private static io.fabric8.kubernetes.api.model.Quantity quantity(Count count) {
    return io.fabric8.kubernetes.api.model.Quantity.parse(
        Quantity.ofMilli(count.averageMilli()).toString());
  }
}
