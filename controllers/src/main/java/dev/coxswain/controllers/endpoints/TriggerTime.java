package dev.coxswain.controllers.endpoints;

import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Service;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The annotation that says when that happened which endpoints were last written for, by which
 * others measure how long it takes until traffic follows.
 */
final class TriggerTime {
  static final String ANNOTATION = "endpoints.kubernetes.io/last-change-trigger-time";

  /** Says nothing. */
  static final TriggerTime NONE = new TriggerTime(() -> "");

  private final Supplier<String> source;
  private @Nullable String known;

  private TriggerTime(Supplier<String> source) {
    this.source = source;
  }

  /** Found out when something is written, which most looks are not for, and then once. */
  static TriggerTime of(Supplier<String> source) {
    return new TriggerTime(source);
  }

  /** The annotation's text; empty for none. */
  String text() {
    String text = known == null ? source.get() : known;
    known = text;
    return text;
  }

  /** Of the first endpoints of a Service: when it was created. */
  static String ofNew(Service service) {
    return Meta.text(service.getMetadata().getCreationTimestamp());
  }

  /**
   * Of endpoints that are written again: when the first of the pods that came, or changed, became
   * as they are now; empty where pods only went.
   *
   * @param written by uid, the pods that are written down, and whether each as ready
   * @param wanted the same as it should be
   */
  static String ofChange(
      Collection<Pod> pods, Map<String, Boolean> written, Map<String, Boolean> wanted) {
    return pods.stream()
        .filter(pod -> wanted.containsKey(Meta.uid(pod)))
        .filter(pod -> !Objects.equals(wanted.get(Meta.uid(pod)), written.get(Meta.uid(pod))))
        .flatMap(pod -> Pods.condition(pod, "Ready").stream())
        .map(PodCondition::getLastTransitionTime)
        .flatMap(time -> Meta.time(time).stream())
        .min(Comparator.naturalOrder())
        .map(Instant::toString)
        .orElse("");
  }

  /** Says it in annotations that are about to be written. */
  static void put(Map<String, String> annotations, String time) {
    if (time.isEmpty()) {
      annotations.remove(ANNOTATION);
    } else {
      annotations.put(ANNOTATION, time);
    }
  }
}
