package dev.coxswain.controllers.podautoscaler;

import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.ListOptions;
import io.fabric8.kubernetes.api.model.metrics.v1beta1.ContainerMetrics;
import io.fabric8.kubernetes.api.model.metrics.v1beta1.PodMetrics;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads what pods use from the resource metrics API. */
final class PodUsage {
  /** The window where an answer names none, as metrics sources commonly measure. */
  private static final Duration USUAL_WINDOW = Duration.ofMinutes(1);

  private final ApiClient api;

  PodUsage(ApiClient api) {
    this.api = api;
  }

  /**
   * What each pod uses, by the pod's name. A pod of which not every container was measured is left
   * out.
   *
   * @param container the one container that counts; empty for all
   * @throws NoAnswer when nothing was measured
   */
  Map<String, Sample> of(
      String namespace, String selector, String resource, Optional<String> container)
      throws NoAnswer {
    List<PodMetrics> answered;
    try {
      answered =
          api.resource(PodMetrics.class).list(namespace, ListOptions.labels(selector)).items();
    } catch (ApiException e) {
      throw none(resource, "unable to fetch metrics from resource metrics API: " + e.getMessage());
    }
    if (answered.isEmpty()) {
      throw none(resource, "no metrics returned from resource metrics API");
    }
    var samples = new HashMap<String, Sample>();
    for (PodMetrics pod : answered) {
      OptionalLong used = used(pod, resource, container);
      Optional<Instant> taken = Meta.time(pod.getTimestamp());
      if (used.isPresent() && taken.isPresent()) {
        Duration window = pod.getWindow() == null ? USUAL_WINDOW : pod.getWindow().getDuration();
        samples.put(Meta.name(pod), new Sample(used.getAsLong(), taken.get(), window));
      } else if (container.isPresent() && used.isEmpty()) {
        throw none(
            resource,
            "container " + container.get() + " not present in metrics for pod " + Meta.key(pod));
      }
    }
    return samples;
  }

  private static OptionalLong used(PodMetrics pod, String resource, Optional<String> container) {
    long sum = 0;
    boolean any = false;
    for (ContainerMetrics measured : Meta.list(pod.getContainers())) {
      if (container.isEmpty() || container.get().equals(measured.getName())) {
        var quantity = Meta.map(measured.getUsage()).get(resource);
        if (quantity == null) {
          return OptionalLong.empty();
        }
        sum += Quantity.parse(quantity.toString()).milli();
        any = true;
      }
    }
    return any ? OptionalLong.of(sum) : OptionalLong.empty();
  }

  private static NoAnswer none(String resource, String why) {
    return new NoAnswer("", "unable to get metrics for resource " + resource + ": " + why);
  }
}
