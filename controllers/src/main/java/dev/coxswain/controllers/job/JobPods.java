package dev.coxswain.controllers.job;

import dev.coxswain.api.meta.ObjectKey;
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
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The pods of a Job: how they are made, and how they ended. */
final class JobPods {
  /** Keeps an ended pod until it is counted. */
  static final String FINALIZER = "batch.kubernetes.io/job-tracking";

  private static final String INDEX = "batch.kubernetes.io/job-completion-index";
  private static final String JOB_NAME = "batch.kubernetes.io/job-name";
  private static final String FAILURES = "batch.kubernetes.io/job-index-failure-count";
  private static final String IGNORED_FAILURES =
      "batch.kubernetes.io/job-index-ignored-failure-count";

  /** As upstream: what is longer would be cut, so that the suffix fits a name of 63 characters. */
  private static final int LONGEST_PREFIX = 58;

  private static final String INDEX_VARIABLE = "JOB_COMPLETION_INDEX";

  private JobPods() {}

  static boolean indexed(Job job) {
    return "Indexed".equals(job.getSpec().getCompletionMode());
  }

  static int completions(Job job) {
    return Meta.number(job.getSpec().getCompletions(), 0);
  }

  /** Whether a pod that is going is replaced only once it has ended. */
  static boolean replacesOnlyFailed(Job job) {
    String policy = Meta.text(job.getSpec().getPodReplacementPolicy());
    return policy.isEmpty() ? job.getSpec().getPodFailurePolicy() != null : policy.equals("Failed");
  }

  /**
   * Whether it will not end well: it failed, or it is going before it ended. Where going ones are
   * not replaced, only the Job's own end makes failures of them.
   */
  static boolean failed(Job job, Pod pod) {
    boolean given = JobEnds.decided(job).filter(end -> !end.success()).isPresent();
    return Pods.failed(pod)
        || (Meta.deleting(pod) && !Pods.succeeded(pod) && (given || !replacesOnlyFailed(job)));
  }

  /** The Job by which a pod says it was made, while it waits to be counted. */
  static Optional<ObjectKey> maker(Pod pod) {
    String job = Meta.labels(pod).getOrDefault(JOB_NAME, "");
    return tracked(pod) && !job.isEmpty()
        ? Optional.of(new ObjectKey(Meta.namespace(pod), job))
        : Optional.empty();
  }

  /**
   * How often the earlier pods of its index failed.
   *
   * @param counted failures that count towards the index' limit
   * @param ignored those that the failure policy ignores
   */
  record Failures(int counted, int ignored) {
    int all() {
      return counted + ignored;
    }
  }

  static Failures failures(Pod pod) {
    return new Failures(number(pod, FAILURES), number(pod, IGNORED_FAILURES));
  }

  private static int number(Pod pod, String annotation) {
    String number = Meta.annotations(pod).getOrDefault(annotation, "");
    return number.matches("\\d{1,9}") ? Integer.parseInt(number) : 0;
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
   * With what the name of a new pod begins. Of a long name of the Job so much is left out that the
   * index stays in it.
   */
  static String namePrefix(Job job, OptionalInt index) {
    String tail = index.isPresent() ? "-" + index.getAsInt() + "-" : "-";
    String head = Meta.name(job);
    boolean fits = index.isEmpty() || head.length() + tail.length() <= LONGEST_PREFIX;
    return (fits ? head : head.substring(0, LONGEST_PREFIX - tail.length())) + tail;
  }

  /**
   * A new pod.
   *
   * @param index what it is to work on; empty for a Job without indexes
   */
  static Pod create(Job job, OptionalInt index, String name, Tally tally) {
    var pod =
        PodTemplates.pod(job.getSpec().getTemplate(), job, name)
            .editMetadata()
            .addToFinalizers(FINALIZER)
            .addToLabels(JOB_NAME, Meta.name(job))
            .addToLabels("job-name", Meta.name(job))
            .addToLabels("batch.kubernetes.io/controller-uid", Meta.uid(job))
            .addToLabels("controller-uid", Meta.uid(job));
    if (index.isEmpty()) {
      return pod.endMetadata().build();
    }
    String number = Integer.toString(index.getAsInt());
    if (job.getSpec().getBackoffLimitPerIndex() != null) {
      Failures failures = failuresBefore(job, tally.lastFailures().get(index.getAsInt()));
      pod.addToAnnotations(FAILURES, Integer.toString(failures.counted()));
      if (failures.ignored() > 0) {
        pod.addToAnnotations(IGNORED_FAILURES, Integer.toString(failures.ignored()));
      }
    }
    Pod built =
        pod.withGenerateName(namePrefix(job, index))
            .addToAnnotations(INDEX, number)
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

  private static Failures failuresBefore(Job job, @Nullable Pod last) {
    if (last == null) {
      return new Failures(0, 0);
    }
    Failures before = failures(last);
    return FailurePolicy.verdict(job, last).counted()
        ? new Failures(before.counted() + 1, before.ignored())
        : new Failures(before.counted(), before.ignored() + 1);
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
