package dev.coxswain.scheduler.model;

import java.util.HashMap;
import java.util.Map;

/**
 * Amounts of what a node has and a pod asks for.
 *
 * @param milliCpu thousandths of a core
 * @param memory bytes
 * @param ephemeralStorage bytes
 * @param extended everything else by name, huge pages included; only amounts above zero
 */
public record Resources(
    long milliCpu, long memory, long ephemeralStorage, Map<String, Long> extended) {
  /** Nothing at all. */
  public static final Resources NONE = new Resources(0, 0, 0, Map.of());

  public Resources {
    extended = Map.copyOf(extended);
  }

  /** Only the two that nearly everybody asks for. */
  public static Resources of(long milliCpu, long memory) {
    return new Resources(milliCpu, memory, 0, Map.of());
  }

  /** How much there is of a resource. */
  public long amount(String resource) {
    return switch (resource) {
      case "cpu" -> milliCpu;
      case "memory" -> memory;
      case "ephemeral-storage" -> ephemeralStorage;
      default -> extended.getOrDefault(resource, 0L);
    };
  }

  /** The sum. */
  public Resources plus(Resources other) {
    return new Resources(
        milliCpu + other.milliCpu,
        memory + other.memory,
        ephemeralStorage + other.ephemeralStorage,
        merged(other, Long::sum));
  }

  /** Of each the larger one. */
  public Resources max(Resources other) {
    return new Resources(
        Math.max(milliCpu, other.milliCpu),
        Math.max(memory, other.memory),
        Math.max(ephemeralStorage, other.ephemeralStorage),
        merged(other, Long::max));
  }

  private Map<String, Long> merged(
      Resources other, java.util.function.BinaryOperator<Long> combine) {
    if (other.extended.isEmpty()) {
      return extended;
    }
    Map<String, Long> all = new HashMap<>(extended);
    other.extended.forEach((name, amount) -> all.merge(name, amount, combine));
    return all;
  }
}
