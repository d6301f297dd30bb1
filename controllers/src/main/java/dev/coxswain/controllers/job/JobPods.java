package dev.coxswain.controllers.job;

import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.PodTemplates;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/** The pods of a Job: how they are made, and how they ended. */
final class JobPods {
  /** Keeps an ended pod until it is counted. */
  static final String FINALIZER = "batch.kubernetes.io/job-tracking";

  private static final String INDEX = "batch.kubernetes.io/job-completion-index";
  private static final String INDEX_VARIABLE = "JOB_COMPLETION_INDEX";

  private JobPods() {}

  static boolean indexed(Job job) {
    return "Indexed".equals(job.getSpec().getCompletionMode());
  }

  static boolean succeeded(Pod pod) {
    return Pods.succeeded(pod);
  }

  /** Whether it will never end well: it failed, or somebody deleted it before. */
  static boolean failed(Pod pod) {
    return Pods.failed(pod) || (Meta.deleting(pod) && !Pods.succeeded(pod));
  }

  static boolean tracked(Pod pod) {
    return Meta.finalizers(pod).contains(FINALIZER);
  }

  /** The index it works on; empty for a Job without indexes. */
  static OptionalInt index(Pod pod) {
    String index = Meta.annotations(pod).getOrDefault(INDEX, "");
    return index.matches("\\d{1,9}")
        ? OptionalInt.of(Integer.parseInt(index))
        : OptionalInt.empty();
  }

  /** When it ended, as far as its status tells; else when its deletion began. */
  static Instant ended(Pod pod) {
    var status = pod.getStatus();
    Instant latest =
        status == null
            ? Instant.EPOCH
            : Meta.list(status.getContainerStatuses()).stream()
                .filter(container -> container.getState() != null)
                .map(container -> container.getState().getTerminated())
                .filter(Objects::nonNull)
                .map(ContainerStateTerminated::getFinishedAt)
                .flatMap(time -> Meta.time(time).stream())
                .max(Instant::compareTo)
                .orElse(Instant.EPOCH);
    if (latest.isAfter(Instant.EPOCH)) {
      return latest;
    }
    return Meta.time(pod.getMetadata().getDeletionTimestamp())
        .or(() ->
            Pods.condition(pod, "Ready").flatMap(ready -> Meta.time(ready.getLastTransitionTime())))
        .orElseGet(() -> Meta.created(pod));
  }

  /**
   * A new pod.
   *
   * @param index what it is to work on; empty for a Job without indexes
   */
  static Pod create(Job job, OptionalInt index, String name) {
    var pod =
        PodTemplates.pod(job.getSpec().getTemplate(), job, name)
            .editMetadata()
            .addToFinalizers(FINALIZER)
            .addToLabels("batch.kubernetes.io/job-name", Meta.name(job))
            .addToLabels("job-name", Meta.name(job))
            .addToLabels("batch.kubernetes.io/controller-uid", Meta.uid(job))
            .addToLabels("controller-uid", Meta.uid(job));
    if (index.isEmpty()) {
      return pod.endMetadata().build();
    }
    String number = Integer.toString(index.getAsInt());
    Pod built =
        pod.addToAnnotations(INDEX, number)
            .addToLabels(INDEX, number)
            .endMetadata()
            .editSpec()
            .withHostname(Meta.name(job) + "-" + number)
            .endSpec()
            .build();
    var spec = built.getSpec();
    spec.setContainers(withIndex(spec.getContainers()));
    spec.setInitContainers(withIndex(spec.getInitContainers()));
    return built;
  }

  private static List<Container> withIndex(List<Container> containers) {
    return Meta.list(containers).stream()
        .map(container ->
            Meta.list(container.getEnv()).stream()
                    .anyMatch(variable -> variable.getName().equals(INDEX_VARIABLE))
                ? container
                : new ContainerBuilder(container)
                    .addNewEnv()
                    .withName(INDEX_VARIABLE)
                    .withNewValueFrom()
                    .withNewFieldRef()
                    .withFieldPath("metadata.annotations['" + INDEX + "']")
                    .endFieldRef()
                    .endValueFrom()
                    .endEnv()
                    .build())
        .toList();
  }
}
