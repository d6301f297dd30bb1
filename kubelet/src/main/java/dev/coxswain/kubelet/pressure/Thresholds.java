package dev.coxswain.kubelet.pressure;

import dev.coxswain.runtime.program.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads thresholds as upstream's flags and configuration give them. */
public final class Thresholds {
  /** Upstream's for Linux. */
  public static final Map<String, String> DEFAULT_HARD = defaults();

  private Thresholds() {}

  /** Reads {@code memory.available<100Mi,nodefs.available<10%} or the same with another sign. */
  public static Map<String, String> split(String flag, String text, String sign) {
    Map<String, String> parts = new LinkedHashMap<>();
    for (String part : text.split(",", -1)) {
      if (part.isBlank()) {
        continue;
      }
      int at = part.indexOf(sign);
      if (at <= 0) {
        throw new IllegalArgumentException(
            flag + ": \"" + part + "\" is not of the form signal" + sign + "value");
      }
      parts.put(part.substring(0, at).strip(), part.substring(at + 1).strip());
    }
    return parts;
  }

  /**
   * All thresholds.
   *
   * @param hard amounts by signal
   * @param soft amounts by signal
   * @param grace durations by signal, one for each soft threshold
   * @param reclaim amounts by signal
   * @throws IllegalArgumentException naming the flag
   */
  public static List<Threshold> of(
      Map<String, String> hard,
      Map<String, String> soft,
      Map<String, String> grace,
      Map<String, String> reclaim) {
    List<Threshold> all = new ArrayList<>();
    hard.forEach(
        (signal, amount) -> add(all, "--eviction-hard", signal, amount, Duration.ZERO, reclaim));
    soft.forEach((signal, amount) -> {
      String period = grace.get(signal);
      if (period == null) {
        throw new IllegalArgumentException(
            "--eviction-soft: grace period must be specified for the soft eviction threshold "
                + signal);
      }
      Duration duration = Durations.parse("--eviction-soft-grace-period", period);
      if (duration.isZero()) {
        throw new IllegalArgumentException(
            "--eviction-soft-grace-period: " + signal + " must be positive");
      }
      add(all, "--eviction-soft", signal, amount, duration, reclaim);
    });
    grace.keySet().forEach(name -> signal("--eviction-soft-grace-period", name));
    reclaim.keySet().forEach(name -> signal("--eviction-minimum-reclaim", name));
    return List.copyOf(all);
  }

  private static void add(
      List<Threshold> all,
      String flag,
      String name,
      String amount,
      Duration grace,
      Map<String, String> reclaim) {
    Signal signal = signal(flag, name);
    Amount value = Amount.parse(flag, amount);
    if (value.of(100) == 0) {
      // Upstream's way to switch a threshold off.
      return;
    }
    Amount more =
        Optional.ofNullable(reclaim.get(name))
            .map(text -> Amount.parse("--eviction-minimum-reclaim", text))
            .orElse(Amount.none());
    all.add(new Threshold(signal, value, grace, more));
  }

  private static Signal signal(String flag, String name) {
    return Signal.parse(name)
        .orElseThrow(
            () -> new IllegalArgumentException(flag + ": unknown eviction signal " + name));
  }

  private static Map<String, String> defaults() {
    Map<String, String> hard = new LinkedHashMap<>();
    hard.put("memory.available", "100Mi");
    hard.put("nodefs.available", "10%");
    hard.put("nodefs.inodesFree", "5%");
    hard.put("imagefs.available", "15%");
    hard.put("imagefs.inodesFree", "5%");
    return java.util.Collections.unmodifiableMap(hard);
  }
}
