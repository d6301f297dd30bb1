package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.framework.ClusterEvent;
import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.FilterPlugin;
import dev.coxswain.scheduler.framework.PreBindPlugin;
import dev.coxswain.scheduler.framework.PreFilterPlugin;
import dev.coxswain.scheduler.framework.RequeuePlugin;
import dev.coxswain.scheduler.framework.ReservePlugin;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.framework.VolumeWriter;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.StorageObject.Claim;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import dev.coxswain.scheduler.snapshot.Storage;
import dev.coxswain.scheduler.snapshot.VolumePlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Sends a pod where its volumes are, or can be made; claims that wait for their first pod get their
 * volume before the pod gets its node.
 *
 * @param patience how long a pod waits for its volumes once its node is found
 */
record VolumeBinding(VolumeWriter writer, Duration patience)
    implements PreFilterPlugin, FilterPlugin, ReservePlugin, PreBindPlugin, RequeuePlugin {
  private static final Verdict TAKEN =
      Verdict.unschedulable("a volume was given to another pod meanwhile");

  @Override
  public Preparation preFilter(CycleState state, PodInfo pod, Cluster cluster) {
    if (pod.claims().isEmpty()) {
      return Preparation.SKIP;
    }
    Storage storage = cluster.storage();
    List<Claim> claims = new ArrayList<>();
    boolean immediate = false;
    for (PodInfo.ClaimUse use : pod.claims()) {
      Optional<Claim> claim = storage.find(Claim.class, pod.claim(use));
      Optional<String> obstacle = obstacle(pod, use, claim);
      if (obstacle.isPresent()) {
        return new Preparation.Rejected(List.of(obstacle.get()));
      }
      claims.add(claim.orElseThrow());
      immediate |= !claim.get().settled() && !waits(claim.get(), storage);
    }
    if (immediate) {
      return new Preparation.Rejected(List.of("pod has unbound immediate PersistentVolumeClaims"));
    }
    state.put(ClaimPlacement.class, ClaimPlacement.of(claims, storage));
    return Preparation.PROCEED;
  }

  private static boolean waits(Claim claim, Storage storage) {
    return claim.volume().isEmpty()
        && storage.classOf(claim).filter(found -> found.waits()).isPresent();
  }

  /** Why a claim cannot be used on any node. */
  private static Optional<String> obstacle(
      PodInfo pod, PodInfo.ClaimUse use, Optional<Claim> claim) {
    String quoted = "persistentvolumeclaim \"" + use.name() + "\"";
    if (claim.isEmpty()) {
      return Optional.of(
          use.ephemeral()
              ? "waiting for ephemeral volume controller to create the " + quoted
              : quoted + " not found");
    }
    return switch (claim.get().state()) {
      case LOST ->
          Optional.of(
              quoted + " bound to non-existent persistentvolume \"" + claim.get().volume() + "\"");
      case DELETING -> Optional.of(quoted + " is being deleted");
      case USABLE ->
          use.ephemeral() && !claim.get().owner().equals(pod.uid())
              ? Optional.of(
                  "PVC "
                      + claim.get().key()
                      + " was not created for pod "
                      + pod.key()
                      + " (pod is not owner)")
              : Optional.empty();
    };
  }

  @Override
  public Verdict filter(CycleState state, PodInfo pod, NodeInfo node) {
    return state.get(ClaimPlacement.class).on(node.spec());
  }

  @Override
  public Verdict reserve(CycleState state, PodInfo pod, String node) {
    Optional<ClaimPlacement> placement = state.find(ClaimPlacement.class);
    return placement.isEmpty() || placement.get().reserve(node) ? Verdict.PASS : TAKEN;
  }

  @Override
  public void unreserve(CycleState state, PodInfo pod, String node) {
    state.find(ClaimPlacement.class).ifPresent(ClaimPlacement::release);
  }

  private static VolumePlan plan(CycleState state, String node) {
    return state
        .find(ClaimPlacement.class)
        .map(placement -> placement.plan(node))
        .orElse(VolumePlan.NOTHING);
  }

  @Override
  public boolean waits(CycleState state, PodInfo pod, String node) {
    return !plan(state, node).isEmpty();
  }

  @Override
  public Verdict preBind(CycleState state, PodInfo pod, String node) throws InterruptedException {
    VolumePlan plan = plan(state, node);
    if (!plan.isEmpty()) {
      writer.write(pod, node, plan, patience);
    }
    return Verdict.PASS;
  }

  @Override
  public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.StorageChanged(Claim claim, boolean gone) ->
          waiting.claims().stream().anyMatch(use -> waiting.claim(use).equals(claim.key()));
      case ClusterEvent.StorageChanged changed -> true;
      case ClusterEvent.NodeAdded added -> true;
      case ClusterEvent.NodeChanged changed ->
          !changed.before().labels().equals(changed.after().labels());
      // It may have been about to get a volume that this one wants.
      case ClusterEvent.PodGone gone -> !gone.pod().claims().isEmpty();
      case ClusterEvent.TimePassed() -> true;
      case ClusterEvent.NodeGone gone -> false;
      case ClusterEvent.PodAssigned assigned -> false;
      case ClusterEvent.PodChanged changed -> false;
      case ClusterEvent.NamespaceChanged changed -> false;
      case ClusterEvent.GroupChanged changed -> false;
    };
  }
}
