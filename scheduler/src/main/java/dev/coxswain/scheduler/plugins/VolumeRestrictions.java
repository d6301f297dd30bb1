package dev.coxswain.scheduler.plugins;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.scheduler.framework.ClusterEvent;
import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.FilterPlugin;
import dev.coxswain.scheduler.framework.PreFilterPlugin;
import dev.coxswain.scheduler.framework.RequeuePlugin;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.StorageObject.Claim;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import java.util.List;

/** Keeps a claim that is for one pod (ReadWriteOncePod) from a second one, wherever that is. */
record VolumeRestrictions() implements PreFilterPlugin, FilterPlugin, RequeuePlugin {
  private static final String MODE = "ReadWriteOncePod";
  private static final Verdict IN_USE =
      Verdict.unschedulable(
          "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode"
              + " already in-use by another pod");

  /** Claims that somebody has already. */
  private record Taken(List<ObjectKey> claims) {}

  @Override
  public Preparation preFilter(CycleState state, PodInfo pod, Cluster cluster) {
    if (pod.claims().isEmpty()) {
      return Preparation.SKIP;
    }
    List<ObjectKey> taken =
        pod.claims().stream()
            .map(pod::claim)
            .filter(key -> cluster.usersOf(key) > 0)
            .filter(key ->
                cluster
                    .storage()
                    .find(Claim.class, key)
                    .filter(claim -> claim.accessModes().contains(MODE))
                    .isPresent())
            .toList();
    state.put(Taken.class, new Taken(taken));
    return taken.isEmpty() ? Preparation.SKIP : Preparation.PROCEED;
  }

  @Override
  public Verdict filter(CycleState state, PodInfo pod, NodeInfo node) {
    return state.get(Taken.class).claims().isEmpty() ? Verdict.PASS : IN_USE;
  }

  @Override
  public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.PodGone gone ->
          gone.pod().claims().stream()
              .map(gone.pod()::claim)
              .anyMatch(
                  key -> waiting.claims().stream().anyMatch(use -> waiting.claim(use).equals(key)));
      case ClusterEvent.TimePassed() -> true;
      case ClusterEvent.NodeGone gone -> false;
      case ClusterEvent.StorageChanged changed -> false;
      case ClusterEvent.NodeAdded added -> false;
      case ClusterEvent.NodeChanged changed -> false;
      case ClusterEvent.PodAssigned assigned -> false;
      case ClusterEvent.PodChanged changed -> false;
      case ClusterEvent.NamespaceChanged changed -> false;
      case ClusterEvent.GroupChanged changed -> false;
    };
  }
}
