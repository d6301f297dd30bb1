package dev.coxswain.controllers.podautoscaler;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.IntStream;

/**
 * What one autoscaler wished and did lately. The cluster does not hold it: after a change of
 * leadership the wishes begin anew with the replicas there are, as upstream's do. Used by one
 * reconcile at a time.
 */
final class History {
  /** At one wish in fifteen seconds, an hour's: the longest window that validation lets in. */
  private static final int KEPT = 300;

  private final Deque<Entry> recommendations = new ArrayDeque<>();
  private final Deque<Entry> changes = new ArrayDeque<>();
  private Instant counted = Instant.MIN;
  private int specification;

  private record Entry(int value, Instant at) {}

  /** When the load was last measured, for the object as it was then. */
  Instant counted(int ofSpecification) {
    return ofSpecification == specification ? counted : Instant.MIN;
  }

  void counting(int ofSpecification, Instant now) {
    specification = ofSpecification;
    counted = now;
  }

  void begin(int replicas, Instant now) {
    if (recommendations.isEmpty()) {
      recommend(replicas, now);
    }
  }

  void recommend(int replicas, Instant now) {
    add(recommendations, new Entry(replicas, now));
  }

  void scaled(int from, int to, Instant now) {
    add(changes, new Entry(to - from, now));
  }

  /** What was wished after a time. */
  IntStream recommended(Instant after) {
    return recommendations.stream()
        .filter(entry -> entry.at().isAfter(after))
        .mapToInt(Entry::value);
  }

  /** By how many replicas the target was changed after a time, all changes together. */
  int changed(Instant after) {
    return changes.stream().filter(entry -> entry.at().isAfter(after)).mapToInt(Entry::value).sum();
  }

  void forget(Instant before) {
    recommendations.removeIf(entry -> entry.at().isBefore(before));
    changes.removeIf(entry -> entry.at().isBefore(before));
  }

  private static void add(Deque<Entry> entries, Entry entry) {
    if (entries.size() == KEPT) {
      entries.removeFirst();
    }
    entries.addLast(entry);
  }
}
