package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.PodStatus;
import org.jspecify.annotations.Nullable;

/** What the API was told of a pod's status, and what it is being told. */
final class StatusRecord {
  private @Nullable PodStatus known;
  private @Nullable PodStatus underWay;

  /** Whether the write under way may have been undone before its end is known. */
  private boolean overtaken;

  StatusRecord(PodStatus known) {
    this.known = known;
  }

  boolean has(PodStatus status) {
    return status.equals(known);
  }

  /** Whether it holds news that somebody may wait for. */
  boolean presses(PodStatus status) {
    return known == null || !Essence.of(known).equals(Essence.of(status));
  }

  void begin(PodStatus status) {
    underWay = status;
    overtaken = false;
  }

  void end(boolean taken) {
    if (taken) {
      known = overtaken ? null : underWay;
    }
    underWay = null;
  }

  void forget() {
    known = null;
    overtaken = true;
  }

  /** Somebody else's word against what was told, or is being told, has it told once more. */
  void shown(@Nullable PodStatus shown) {
    @Nullable PodStatus told = underWay == null ? known : underWay;
    if (told != null && Conditions.contradicted(told, shown)) {
      forget();
    }
  }
}
