package dev.coxswain.controllers.podautoscaler;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.ServedResource;
import io.fabric8.kubernetes.api.model.autoscaling.v2.CrossVersionObjectReference;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Reads the metrics that add-ons measure: custom ones, of objects of the cluster, and external
 * ones, of anything else. All amounts are in thousandths.
 */
final class AddedMetrics {
  /** The window where an answer names none, as metrics sources commonly measure. */
  private static final Duration USUAL_WINDOW = Duration.ofMinutes(1);

  private final MetricsApi custom;
  private final MetricsApi external;
  private final ServedKinds kinds;

  AddedMetrics(ApiClient api, ServedKinds kinds) {
    this.custom =
        new MetricsApi(
            api, "custom.metrics.k8s.io", "custom metrics API", List.of("v1beta2", "v1beta1"));
    this.external =
        new MetricsApi(api, "external.metrics.k8s.io", "external metrics API", List.of("v1beta1"));
    this.kinds = kinds;
  }

  /**
   * A metric of each pod, by the pod's name.
   *
   * @param pods which pods, as a label selector
   * @param metric the metric's name
   * @param series which of its series, as a label selector
   */
  Map<String, Sample> ofPods(String namespace, String pods, String metric, String series)
      throws NoAnswer {
    List<JsonNode> values =
        custom.values(
            List.of("namespaces", namespace, "pods", "*", metric),
            Map.of("labelSelector", pods, "metricLabelSelector", series));
    var samples = new HashMap<String, Sample>();
    for (JsonNode value : values) {
      long seconds =
          value.path("windowSeconds").asLong(value.path("window").asLong(USUAL_WINDOW.toSeconds()));
      samples.put(
          Json.text(value, "describedObject", "name"),
          new Sample(
              custom.amount(value).milli(),
              Meta.time(Json.text(value, "timestamp")).orElse(Instant.EPOCH),
              Duration.ofSeconds(seconds)));
    }
    return samples;
  }

  /** A metric of one object of the namespace, or of the namespace itself. */
  long of(String namespace, CrossVersionObjectReference object, String metric, String series)
      throws NoAnswer {
    GroupVersionKind kind =
        GroupVersionKind.of(Meta.text(object.getApiVersion()), Meta.text(object.getKind()));
    List<String> path;
    if (kind.group().isEmpty() && kind.kind().equals("Namespace")) {
      // Whatever name is given: nobody scales by the metrics of another namespace.
      path = List.of("namespaces", namespace, "metrics", metric);
    } else {
      ServedResource resource =
          kinds
              .find(kind.group(), kind.kind())
              .orElseThrow(() ->
                  new NoAnswer(
                      "",
                      "unable to fetch metrics from custom metrics API: no matches for kind \""
                          + kind.kind()
                          + "\" in group \""
                          + kind.group()
                          + "\""));
      path =
          List.of(
              "namespaces", namespace, resource.resource().toString(), object.getName(), metric);
    }
    List<JsonNode> values = custom.values(path, Map.of("metricLabelSelector", series));
    if (values.size() > 1) {
      throw new NoAnswer(
          "",
          "unable to fetch metrics from custom metrics API: the custom metrics API server returned "
              + values.size()
              + " results when we asked for exactly one");
    }
    return custom.amount(values.getFirst()).milli();
  }

  /** The sum of all series of an external metric that a label selector selects. */
  long external(String namespace, String metric, String series) throws NoAnswer {
    Quantity sum = Quantity.ofMilli(0);
    for (JsonNode value :
        external.values(
            List.of("namespaces", namespace, metric), Map.of("labelSelector", series))) {
      sum = sum.add(external.amount(value));
    }
    return sum.milli();
  }
}
