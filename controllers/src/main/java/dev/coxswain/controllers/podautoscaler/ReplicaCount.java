package dev.coxswain.controllers.podautoscaler;

import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * How many replicas bring the measured usage to its target, as upstream counts: pods that have not
 * been measured, and pods that are not ready yet, are assumed to use what makes for the smaller
 * step.
 *
 * @param current how many replicas are wanted now
 * @param pods the pods that the target's selector selects
 * @param measured what they use, by name
 * @param resource what is measured, such as {@code cpu}
 * @param now the time
 * @param tolerance by what part usage may be off its target without any step
 */
record ReplicaCount(
    int current,
    List<Pod> pods,
    Map<String, Sample> measured,
    String resource,
    Instant now,
    Tolerance tolerance) {
  /** How long after its start a pod's processor time may be that of its start. */
  private static final Duration CPU_INITIALIZATION = Duration.ofMinutes(5);

  /** How long after its start a pod that was never ready may still become so. */
  private static final Duration INITIAL_READINESS = Duration.ofSeconds(30);

  /**
   * By what part usage may be off its target.
   *
   * @param up above it
   * @param down below it
   */
  record Tolerance(double up, double down) {
    static final double USUAL = 0.1;

    boolean covers(double ratio) {
      return 1 - down <= ratio && ratio <= 1 + up;
    }
  }

  /**
   * An answer.
   *
   * @param replicas how many there should be
   * @param utilization the usage in hundredths of what was requested; zero where not asked for
   * @param averageMilli the usage of a pod in thousandths, or the value that all were counted by
   */
  record Count(int replicas, int utilization, long averageMilli) {}

  private record Usage(double ratio, int utilization, long averageMilli) {}

  /** What a set of samples comes to. */
  @FunctionalInterface
  private interface Measure {
    Usage of(Map<String, Sample> samples) throws NoAnswer;
  }

  private record Groups(
      int ready, List<String> unready, List<String> missing, List<String> ignored) {}

  /** For a target in hundredths of what the pods request. */
  Count forUtilization(int target, Optional<String> container) throws NoAnswer {
    Groups groups = groups();
    Map<String, Sample> known = known(groups);
    Map<String, Long> requests = requests(container);
    Measure measure = samples -> utilization(samples, requests, target);
    // Unmeasured pods are assumed at the target, or at all they requested, whichever is more.
    return count(
        groups,
        known,
        measure,
        name -> requests.getOrDefault(name, 0L) * Math.max(100, target) / 100);
  }

  /** For a target in thousandths that each pod should use. */
  Count forAverage(long targetMilli) throws NoAnswer {
    Groups groups = groups();
    Measure measure =
        samples -> {
          long sum = samples.values().stream().mapToLong(Sample::milli).sum();
          long average = samples.isEmpty() ? 0 : sum / samples.size();
          return new Usage(targetMilli == 0 ? 0 : (double) average / targetMilli, 0, average);
        };
    return count(groups, known(groups), measure, name -> targetMilli);
  }

  /**
   * For a value, in thousandths, that all pods together should bring to a target. Where there are
   * none yet, as many as the value is times its target.
   */
  Count forValue(long milli, long targetMilli) throws NoAnswer {
    double ratio = (double) milli / targetMilli;
    if (current == 0) {
      return new Count(ceiling(ratio), 0, milli);
    }
    if (tolerance.covers(ratio)) {
      return new Count(current, 0, milli);
    }
    if (pods.isEmpty()) {
      throw new NoAnswer(
          "",
          "unable to calculate ready pods: no pods returned by selector while calculating replica"
              + " count");
    }
    long ready =
        pods.stream().filter(pod -> Pods.phase(pod).equals("Running") && Pods.ready(pod)).count();
    return new Count(ceiling(ratio * ready), 0, milli);
  }

  /**
   * For a value, in thousandths, of which each pod should have so much.
   *
   * @param standing how many pods there are
   */
  Count forShare(long milli, long targetMilli, int standing) {
    int wanted =
        tolerance.covers((double) milli / ((double) targetMilli * standing))
            ? standing
            : ceiling((double) milli / targetMilli);
    long each = standing == 0 ? milli : (long) Math.ceil((double) milli / standing);
    return new Count(wanted, 0, each);
  }

  private Count count(
      Groups groups, Map<String, Sample> known, Measure measure, ToLongFunction<String> full)
      throws NoAnswer {
    Usage usage = measure.of(known);
    boolean unreadyMatter = !groups.unready.isEmpty() && usage.ratio > 1;
    if (!unreadyMatter && groups.missing.isEmpty()) {
      int wanted = tolerance.covers(usage.ratio) ? current : ceiling(usage.ratio * groups.ready);
      return answer(wanted, usage);
    }
    var assumed = new HashMap<>(known);
    for (String name : groups.missing) {
      if (usage.ratio < 1) {
        assumed.put(name, Sample.assumed(full.applyAsLong(name)));
      } else if (usage.ratio > 1) {
        assumed.put(name, Sample.assumed(0));
      }
    }
    if (unreadyMatter) {
      groups.unready.forEach(name -> assumed.put(name, Sample.assumed(0)));
    }
    double cautious = measure.of(assumed).ratio;
    boolean turned = (usage.ratio < 1 && cautious > 1) || (usage.ratio > 1 && cautious < 1);
    if (tolerance.covers(cautious) || turned) {
      return answer(current, usage);
    }
    int wanted = ceiling(cautious * assumed.size());
    boolean backwards = (cautious < 1 && wanted > current) || (cautious > 1 && wanted < current);
    return answer(backwards ? current : wanted, usage);
  }

  private static Count answer(int replicas, Usage usage) {
    return new Count(replicas, usage.utilization, usage.averageMilli);
  }

  private static int ceiling(double replicas) {
    return (int) Math.min(Integer.MAX_VALUE, Math.ceil(replicas));
  }

  private static Usage utilization(
      Map<String, Sample> samples, Map<String, Long> requests, int target) throws NoAnswer {
    long used = 0;
    long requested = 0;
    int counted = 0;
    for (Map.Entry<String, Sample> sample : samples.entrySet()) {
      Long request = requests.get(sample.getKey());
      if (request != null) {
        used += sample.getValue().milli();
        requested += request;
        counted++;
      }
    }
    if (requested == 0) {
      throw new NoAnswer("", "no metrics returned matched known pods");
    }
    int utilization = (int) (used * 100 / requested);
    return new Usage((double) utilization / target, utilization, used / counted);
  }

  private Map<String, Sample> known(Groups groups) throws NoAnswer {
    if (pods.isEmpty()) {
      throw new NoAnswer("", "no pods returned by selector while calculating replica count");
    }
    var known = new HashMap<>(measured);
    groups.ignored.forEach(known::remove);
    groups.unready.forEach(known::remove);
    if (known.isEmpty()) {
      throw new NoAnswer("", "did not receive metrics for targeted pods (pods might be unready)");
    }
    return known;
  }

  private Groups groups() {
    int ready = 0;
    var unready = new ArrayList<String>();
    var missing = new ArrayList<String>();
    var ignored = new ArrayList<String>();
    for (Pod pod : pods) {
      String name = Meta.name(pod);
      Sample sample = measured.get(name);
      if (Meta.deleting(pod) || Pods.failed(pod)) {
        ignored.add(name);
      } else if (Pods.phase(pod).equals("Pending")) {
        unready.add(name);
      } else if (sample == null) {
        missing.add(name);
      } else if (resource.equals("cpu") && starting(pod, sample)) {
        unready.add(name);
      } else {
        ready++;
      }
    }
    return new Groups(ready, unready, missing, ignored);
  }

  /** Whether the processor time measured may be that of the pod's start. */
  private boolean starting(Pod pod, Sample sample) {
    Optional<PodCondition> readiness = Pods.condition(pod, "Ready");
    Optional<Instant> start =
        pod.getStatus() == null ? Optional.empty() : Meta.time(pod.getStatus().getStartTime());
    if (readiness.isEmpty() || start.isEmpty()) {
      return true;
    }
    boolean ready = "True".equals(readiness.get().getStatus());
    Instant changed = Meta.time(readiness.get().getLastTransitionTime()).orElse(start.get());
    return start.get().plus(CPU_INITIALIZATION).isAfter(now)
        ? !ready || sample.taken().isBefore(changed.plus(sample.window()))
        : !ready && start.get().plus(INITIAL_READINESS).isAfter(changed);
  }

  private Map<String, Long> requests(Optional<String> container) throws NoAnswer {
    var requests = new HashMap<String, Long>();
    for (Pod pod : pods) {
      long sum = 0;
      List<Container> counted =
          Stream.concat(
                  Meta.list(pod.getSpec().getContainers()).stream(),
                  Meta.list(pod.getSpec().getInitContainers()).stream()
                      .filter(init -> "Always".equals(init.getRestartPolicy())))
              .filter(each -> container.isEmpty() || container.get().equals(each.getName()))
              .toList();
      for (Container each : counted) {
        var request =
            each.getResources() == null
                ? null
                : Meta.map(each.getResources().getRequests()).get(resource);
        if (request == null) {
          throw new NoAnswer(
              "",
              "missing request for "
                  + resource
                  + " in container "
                  + each.getName()
                  + " of Pod "
                  + Meta.name(pod));
        }
        sum += Quantity.parse(request.toString()).milli();
      }
      requests.put(Meta.name(pod), sum);
    }
    return requests;
  }
}
