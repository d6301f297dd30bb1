package dev.coxswain.runtime.program;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code /livez} and {@code /readyz} ask. Liveness failing means: restart me; readiness
 * failing means: send me no work. Thread-safe.
 */
public final class HealthChecks {
  private final Map<String, Check> live = new LinkedHashMap<>();
  private final Map<String, Check> ready = new LinkedHashMap<>();

  /** One question; must answer at once, from what the process already knows. */
  @FunctionalInterface
  public interface Check {
    /** What is wrong, in one line; empty when all is well. */
    Optional<String> problem();
  }

  /** Adds a check of liveness, which is one of readiness too. */
  public synchronized HealthChecks live(String name, Check check) {
    live.put(name, check);
    ready.put(name, check);
    return this;
  }

  /** Adds a check of readiness. */
  public synchronized HealthChecks ready(String name, Check check) {
    ready.put(name, check);
    return this;
  }

  synchronized Map<String, Check> liveness() {
    return Map.copyOf(live);
  }

  synchronized Map<String, Check> readiness() {
    return Map.copyOf(ready);
  }
}
