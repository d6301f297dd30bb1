package dev.coxswain.scheduler.snapshot;

import dev.coxswain.api.meta.ObjectKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What pods that are being bound will do to claims, until the API server says it. Thread-safe: each
 * pod under way lets go on a thread of its own. Bounded by the claims of those pods.
 */
public final class Reservations {
  private final Map<ObjectKey, Held> byClaim = new HashMap<>();

  /** A claim's volume, empty for one to be made; its node; and how many pods count on it. */
  private record Held(String volume, String node, int pods) {}

  /** Notes a plan; false, and nothing is noted, when another pod's plan stands against it. */
  public synchronized boolean reserve(VolumePlan plan, String node) {
    boolean possible =
        plan.volumes().entrySet().stream()
                .allMatch(entry -> isFree(entry.getValue(), entry.getKey()))
            && plan.provision().stream()
                .allMatch(claim -> nodeOf(claim).filter(other -> !other.equals(node)).isEmpty());
    if (possible) {
      plan.volumes().forEach((claim, volume) -> hold(claim, volume, node));
      plan.provision().forEach(claim -> hold(claim, "", node));
    }
    return possible;
  }

  private void hold(ObjectKey claim, String volume, String node) {
    byClaim.merge(
        claim,
        new Held(volume, node, 1),
        (before, added) -> new Held(volume, node, before.pods() + 1));
  }

  /** One pod no longer counts on its plan. */
  public synchronized void release(VolumePlan plan) {
    plan.volumes().keySet().forEach(this::release);
    plan.provision().forEach(this::release);
  }

  private void release(ObjectKey claim) {
    byClaim.computeIfPresent(
        claim,
        (same, held) ->
            held.pods() == 1 ? null : new Held(held.volume(), held.node(), held.pods() - 1));
  }

  /** The claim has its volume, or is gone. */
  synchronized void settle(ObjectKey claim) {
    byClaim.remove(claim);
  }

  /** Whether no other claim is about to get the volume. */
  public synchronized boolean isFree(String volume, ObjectKey forClaim) {
    return byClaim.entrySet().stream()
        .noneMatch(
            entry -> entry.getValue().volume().equals(volume) && !entry.getKey().equals(forClaim));
  }

  /** The volume that the claim is about to get. */
  public synchronized Optional<String> volumeOf(ObjectKey claim) {
    return Optional.ofNullable(byClaim.get(claim))
        .map(Held::volume)
        .filter(volume -> !volume.isEmpty());
  }

  /** The node for which a volume of the claim is about to be made. */
  public synchronized Optional<String> nodeOf(ObjectKey claim) {
    return Optional.ofNullable(byClaim.get(claim))
        .filter(held -> held.volume().isEmpty())
        .map(Held::node);
  }
}
