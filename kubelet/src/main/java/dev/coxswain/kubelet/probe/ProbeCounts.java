package dev.coxswain.kubelet.probe;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/** How often probes passed and failed. Bounded by the pods of the node. Thread-safe. */
public final class ProbeCounts {
  private final ConcurrentMap<Subject, LongAdder> counts = new ConcurrentHashMap<>();

  /**
   * What is counted.
   *
   * @param type such as {@code Liveness}
   * @param result {@code successful}, {@code failed} or {@code unknown}
   */
  public record Subject(
      String uid, String namespace, String pod, String container, String type, String result) {}

  void count(Pod pod, String container, String type, CheckResult outcome) {
    String result = outcome.unknown() ? "unknown" : outcome.passed() ? "successful" : "failed";
    Subject subject =
        new Subject(
            pod.getMetadata().getUid(),
            pod.getMetadata().getNamespace(),
            pod.getMetadata().getName(),
            container,
            type,
            result);
    counts.computeIfAbsent(subject, first -> new LongAdder()).increment();
  }

  void forget(String uid) {
    counts.keySet().removeIf(subject -> subject.uid().equals(uid));
  }

  /** All counts now. */
  public Map<Subject, Long> all() {
    Map<Subject, Long> all = new TreeMap<>(java.util.Comparator.comparing(Subject::toString));
    counts.forEach((subject, count) -> all.put(subject, count.sum()));
    return all;
  }
}
