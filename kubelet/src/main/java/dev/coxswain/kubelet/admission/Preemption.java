package dev.coxswain.kubelet.admission;

import dev.coxswain.kubelet.pod.QosClass;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which pods make room for a critical one: those of the lowest class first, within a class the
 * fewest, and none that the others make needless. Pure.
 */
final class Preemption {
  private Preemption() {}

  /** The pods that must go; empty where even all that may go would not suffice. */
  static Optional<List<Pod>> victims(
      Load critical, Collection<Load> others, List<Fit.Shortage> shortages) {
    Map<String, Long> missing = new HashMap<>();
    shortages.forEach(one -> missing.put(one.resource(), one.missing()));
    // The dearest last: what is taken first is given back first.
    List<Load> candidates =
        others.stream()
            .filter(other -> mayGo(other.pod(), critical.pod()))
            .sorted(
                Comparator.comparing((Load load) -> QosClass.of(load.pod().getSpec()))
                    .reversed()
                    .thenComparingInt(load -> Critical.priority(load.pod()))
                    .thenComparing(Comparator.comparingLong(load -> -relief(load, missing))))
            .toList();
    List<Load> chosen = new ArrayList<>();
    for (Load candidate : candidates) {
      if (!suffice(chosen, missing) && relief(candidate, missing) > 0) {
        chosen.add(candidate);
      }
    }
    if (!suffice(chosen, missing)) {
      return Optional.empty();
    }
    for (Load dearest : List.copyOf(chosen).reversed()) {
      List<Load> without = new ArrayList<>(chosen);
      without.remove(dearest);
      if (suffice(without, missing)) {
        chosen = without;
      }
    }
    return Optional.of(chosen.stream().map(Load::pod).toList());
  }

  private static boolean mayGo(Pod other, Pod critical) {
    return !Critical.is(other)
        || (Critical.is(critical) && Critical.priority(other) < Critical.priority(critical));
  }

  private static long relief(Load load, Map<String, Long> missing) {
    return missing.keySet().stream()
        .mapToLong(resource -> Fit.units(resource, load.request(resource)))
        .max()
        .orElse(0);
  }

  private static boolean suffice(List<Load> chosen, Map<String, Long> missing) {
    return missing.entrySet().stream()
        .allMatch(need ->
            chosen.stream()
                    .mapToLong(load -> Fit.units(need.getKey(), load.request(need.getKey())))
                    .sum()
                >= need.getValue());
  }
}
