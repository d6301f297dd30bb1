package dev.coxswain.kubelet.shutdown;

import dev.coxswain.kubelet.admission.Critical;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How long pods may take when the node goes down.
 *
 * @param periods from the lowest priority to the highest, one after the other; none where pods are
 *     not ended at all
 */
public record ShutdownSettings(List<Period> periods) {

  /** Time for the pods from this priority up to the next one's. */
  public record Period(int priority, Duration grace) {}

  /** The pods that are ended together. */
  record Group(Period period, List<Pod> pods) {}

  public ShutdownSettings {
    periods = periods.stream().sorted(Comparator.comparingInt(Period::priority)).toList();
  }

  /**
   * The settings of two periods: that of the ordinary pods, then that of the critical ones.
   *
   * @param whole of both together
   * @throws IllegalArgumentException naming the field
   */
  public static ShutdownSettings of(Duration whole, Duration critical) {
    check("shutdownGracePeriod", whole);
    check("shutdownGracePeriodCriticalPods", critical);
    if (whole.compareTo(critical) < 0) {
      throw new IllegalArgumentException(
          "invalid configuration: shutdownGracePeriod %s must be >= shutdownGracePeriodCriticalPods %s"
              .formatted(spell(whole), spell(critical)));
    }
    return new ShutdownSettings(
        whole.isZero()
            ? List.of()
            : List.of(
                new Period(0, whole.minus(critical)),
                new Period(Critical.SYSTEM_PRIORITY, critical)));
  }

  /**
   * The pods in the order in which they go. A pod goes with the highest priority that is not above
   * its own; one below all goes with the lowest.
   */
  List<Group> groups(List<Pod> pods) {
    List<Group> groups = new ArrayList<>();
    for (int index = 0; index < periods.size(); index++) {
      List<Pod> members = new ArrayList<>();
      for (Pod pod : pods) {
        if (index(Critical.priority(pod)) == index) {
          members.add(pod);
        }
      }
      if (!members.isEmpty()) {
        groups.add(new Group(periods.get(index), members));
      }
    }
    return groups;
  }

  private int index(int priority) {
    int index = 0;
    while (index + 1 < periods.size() && periods.get(index + 1).priority() <= priority) {
      index++;
    }
    return index;
  }

  private static void check(String field, Duration period) {
    if (!period.isZero() && period.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException(
          "invalid configuration: %s %s must be either zero or otherwise >= 1 sec"
              .formatted(field, spell(period)));
    }
  }

  private static String spell(Duration period) {
    return period.toMillis() % 1000 == 0 ? period.toSeconds() + "s" : period.toMillis() + "ms";
  }
}
