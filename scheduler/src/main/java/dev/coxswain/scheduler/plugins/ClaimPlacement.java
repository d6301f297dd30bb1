package dev.coxswain.scheduler.plugins;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.model.NodeSpec;
import dev.coxswain.scheduler.model.StorageObject.Capacity;
import dev.coxswain.scheduler.model.StorageObject.Claim;
import dev.coxswain.scheduler.model.StorageObject.Driver;
import dev.coxswain.scheduler.model.StorageObject.ProvisioningClass;
import dev.coxswain.scheduler.model.StorageObject.Volume;
import dev.coxswain.scheduler.snapshot.Reservations;
import dev.coxswain.scheduler.snapshot.Storage;
import dev.coxswain.scheduler.snapshot.VolumePlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What one pod's claims ask of nodes, prepared once a cycle, and what was planned for each node.
 */
final class ClaimPlacement {
  private static final Verdict.Rejected GONE =
      new Verdict.Rejected(
          false,
          List.of("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"));
  private static final Verdict.Rejected ELSEWHERE =
      new Verdict.Rejected(false, List.of("node(s) didn't match PersistentVolume's node affinity"));
  private static final Verdict.Rejected NONE_TO_BIND =
      new Verdict.Rejected(
          false, List.of("node(s) didn't find available persistent volumes to bind"));
  private static final Verdict.Rejected NO_ROOM =
      new Verdict.Rejected(false, List.of("node(s) did not have enough free storage"));

  private final List<Volume> bound;
  private final boolean lacksVolume;
  private final List<Unbound> unbound;
  private final Reservations reservations;
  private final Map<String, VolumePlan> plans = new HashMap<>();
  private Optional<VolumePlan> reserved = Optional.empty();

  /**
   * A claim that waits for its first pod.
   *
   * @param node where its volume is being made already; empty for nowhere yet
   * @param candidates existing volumes that would do, the best one first
   * @param room where its driver has room; empty when the driver does not tell
   */
  private record Unbound(
      Claim claim,
      String node,
      List<Volume> candidates,
      Optional<ProvisioningClass> storageClass,
      Optional<List<Capacity>> room) {

    boolean fits(NodeSpec target) {
      return room.isEmpty()
          || room.get().stream()
              .anyMatch(
                  one -> one.largest() >= claim.request() && one.nodes().matches(target.labels()));
    }
  }

  private ClaimPlacement(
      List<Volume> bound, boolean lacksVolume, List<Unbound> unbound, Reservations reservations) {
    this.bound = bound;
    this.lacksVolume = lacksVolume;
    this.unbound = unbound;
    this.reservations = reservations;
  }

  static ClaimPlacement of(List<Claim> claims, Storage storage) {
    List<Volume> bound = new ArrayList<>();
    List<Unbound> unbound = new ArrayList<>();
    boolean lacksVolume = false;
    for (Claim claim : claims) {
      if (!claim.settled()) {
        unbound.add(unbound(claim, storage));
        continue;
      }
      Optional<Volume> volume = storage.volumeOf(claim);
      volume.ifPresent(bound::add);
      lacksVolume |= volume.isEmpty();
    }
    // The small ones choose first: a large volume is not spent on a small claim.
    unbound.sort(Comparator.comparingLong(one -> one.claim().request()));
    return new ClaimPlacement(bound, lacksVolume, unbound, storage.reservations());
  }

  private static Unbound unbound(Claim claim, Storage storage) {
    Reservations reservations = storage.reservations();
    Optional<String> given = reservations.volumeOf(claim.key());
    List<Volume> candidates =
        storage.open(claim.storageClass()).stream()
            .filter(volume -> volume.suits(claim))
            .filter(volume ->
                given.isPresent()
                    ? given.get().equals(volume.key().name())
                    : reservations.isFree(volume.key().name(), claim.key()))
            .sorted(
                Comparator.comparing((Volume volume) -> !volume.keptFor(claim))
                    .thenComparingLong(Volume::capacity)
                    .thenComparing(volume -> volume.key().name()))
            .toList();
    Optional<ProvisioningClass> storageClass = storage.classOf(claim);
    boolean tells =
        storageClass
            .flatMap(found -> storage.find(Driver.class, found.provisioner()))
            .filter(Driver::tellsCapacity)
            .isPresent();
    return new Unbound(
        claim,
        claim.selectedNode().isEmpty()
            ? reservations.nodeOf(claim.key()).orElse("")
            : claim.selectedNode(),
        candidates,
        storageClass,
        tells
            ? Optional.of(
                storage.all(Capacity.class).stream()
                    .filter(one -> one.storageClass().equals(claim.storageClass()))
                    .toList())
            : Optional.empty());
  }

  /** Whether the node can reach or get all volumes; notes how. */
  Verdict on(NodeSpec node) {
    Verdict first = boundOn(node);
    Verdict second = unbound.isEmpty() ? Verdict.PASS : unboundOn(node);
    return first instanceof Verdict.Rejected(boolean resolvable, List<String> one)
            && second instanceof Verdict.Rejected(boolean same, List<String> another)
        ? new Verdict.Rejected(
            resolvable || same, Stream.concat(one.stream(), another.stream()).toList())
        : first instanceof Verdict.Rejected ? first : second;
  }

  private Verdict boundOn(NodeSpec node) {
    if (lacksVolume) {
      return GONE;
    }
    for (Volume volume : bound) {
      if (!volume.reach().allows(node)) {
        return ELSEWHERE;
      }
    }
    return Verdict.PASS;
  }

  private Verdict unboundOn(NodeSpec node) {
    Map<ObjectKey, String> volumes = new HashMap<>();
    List<ObjectKey> provision = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (Unbound one : unbound) {
      if (!one.node().isEmpty()) {
        if (!one.node().equals(node.name())) {
          return NONE_TO_BIND;
        }
        provision.add(one.claim().key());
        continue;
      }
      Optional<Volume> volume =
          one.candidates().stream()
              .filter(candidate -> !taken.contains(candidate.key().name()))
              .filter(candidate -> candidate.reach().allows(node))
              .findFirst();
      if (volume.isPresent()) {
        volumes.put(one.claim().key(), volume.get().key().name());
        taken.add(volume.get().key().name());
      } else if (one.storageClass().filter(found -> found.provisionsFor(node)).isEmpty()) {
        return NONE_TO_BIND;
      } else if (!one.fits(node)) {
        return NO_ROOM;
      } else {
        provision.add(one.claim().key());
      }
    }
    plans.put(node.name(), new VolumePlan(volumes, provision));
    return Verdict.PASS;
  }

  VolumePlan plan(String node) {
    return plans.getOrDefault(node, VolumePlan.NOTHING);
  }

  /** Claims what was planned for the node; false when another pod was quicker. */
  boolean reserve(String node) {
    VolumePlan plan = plan(node);
    if (!reservations.reserve(plan, node)) {
      return false;
    }
    reserved = Optional.of(plan);
    return true;
  }

  void release() {
    reserved.ifPresent(reservations::release);
    reserved = Optional.empty();
  }
}
