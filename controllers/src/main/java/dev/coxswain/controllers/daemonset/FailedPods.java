package dev.coxswain.controllers.daemonset;

import dev.coxswain.api.meta.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How long a node's failed pod is left where it is: longer from one to the next. A node that turns
 * its pod away, for want of a port or of memory, would otherwise get and turn away one after the
 * other as fast as they can be made. The pauses are upstream's. After a change of leadership they
 * begin anew.
 */
final class FailedPods {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(15);

  /** After so long without another failure a node starts from the beginning. */
  private static final Duration FORGOTTEN = LONGEST.multipliedBy(2);

  /** Bounded by the sets and nodes where pods failed lately. */
  private final Map<Place, Pause> pauses = new ConcurrentHashMap<>();

  private record Place(ObjectKey set, String node) {}

  private record Pause(Instant since, Duration length) {
    Duration left(Instant now) {
      Duration left = Duration.between(now, since.plus(length));
      return left.isNegative() ? Duration.ZERO : left;
    }

    boolean old(Instant now) {
      return since.plus(FORGOTTEN).isBefore(now);
    }
  }

  /** How long the node's failed pod is to stay; zero where it may go now, which is counted. */
  Duration left(ObjectKey set, String node, Instant now) {
    pauses.values().removeIf(pause -> pause.old(now));
    var place = new Place(set, node);
    Pause last = pauses.get(place);
    Duration left = last == null ? Duration.ZERO : last.left(now);
    if (left.isZero()) {
      Duration next = last == null ? FIRST : last.length().multipliedBy(2);
      pauses.put(place, new Pause(now, next.compareTo(LONGEST) < 0 ? next : LONGEST));
    }
    return left;
  }

  void forget(ObjectKey set) {
    pauses.keySet().removeIf(place -> place.set().equals(set));
  }
}
