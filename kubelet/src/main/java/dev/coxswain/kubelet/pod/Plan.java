package dev.coxswain.kubelet.pod;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A decision in the making. */
final class Plan {
  private final Set<String> busy;
  private final Map<String, Failure> resting;
  private final List<PodAction> actions = new ArrayList<>();
  private final List<PodDecision.Remark> remarks = new ArrayList<>();
  private final Instant now;
  private @Nullable Instant wakeAt;

  Plan(Set<String> inFlight, Map<String, Failure> resting, Instant now) {
    this.resting = resting;
    this.busy = new HashSet<>(inFlight);
    this.now = now;
  }

  Instant now() {
    return now;
  }

  /** Asks for the action unless one of its key is under way, asked for already or resting. */
  void add(PodAction action) {
    if (mayRetry(Optional.ofNullable(resting.get(action.key()))) && busy.add(action.key())) {
      actions.add(action);
    }
  }

  boolean busy(String key) {
    return busy.contains(key);
  }

  void wake(Instant at) {
    if (at.isAfter(now) && (wakeAt == null || at.isBefore(wakeAt))) {
      wakeAt = at;
    }
  }

  void remark(PodDecision.Remark remark) {
    remarks.add(remark);
  }

  /** Whether the failure's time of rest is over; if not, wakes when it is. */
  boolean mayRetry(Optional<Failure> failure) {
    if (failure.isEmpty() || !now.isBefore(failure.get().lookAt())) {
      return true;
    }
    wake(failure.get().changesAt(now));
    return false;
  }

  List<PodAction> actions() {
    return actions;
  }

  List<PodDecision.Remark> remarks() {
    return remarks;
  }

  Optional<Instant> wakeAt() {
    return Optional.ofNullable(wakeAt);
  }
}
