package dev.coxswain.scheduler.model;

import java.util.List;

/**
 * What a pod puts up with.
 *
 * @param key the taint's key; empty for every key
 * @param exists whether any value will do
 * @param value the taint's value
 * @param effect the taint's effect; empty for every effect
 */
public record Toleration(String key, boolean exists, String value, String effect) {

  /** Whether it covers the taint. */
  public boolean tolerates(Taint taint) {
    return (effect.isEmpty() || effect.equals(taint.effect()))
        && (key.isEmpty() || key.equals(taint.key()))
        && (exists || value.equals(taint.value()));
  }

  /** Whether one of them covers the taint. */
  public static boolean anyTolerates(List<Toleration> tolerations, Taint taint) {
    for (Toleration toleration : tolerations) {
      if (toleration.tolerates(taint)) {
        return true;
      }
    }
    return false;
  }
}
