package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.framework.ClusterEvent;
import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.FilterPlugin;
import dev.coxswain.scheduler.framework.PreFilterPlugin;
import dev.coxswain.scheduler.framework.RequeuePlugin;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.StorageObject;
import dev.coxswain.scheduler.model.StorageObject.Attachment;
import dev.coxswain.scheduler.model.StorageObject.Claim;
import dev.coxswain.scheduler.model.StorageObject.NodeDrivers;
import dev.coxswain.scheduler.model.StorageObject.ProvisioningClass;
import dev.coxswain.scheduler.model.StorageObject.Volume;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import dev.coxswain.scheduler.snapshot.Storage;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Attaches no more volumes of a CSI driver to a node than the driver says it takes. */
record NodeVolumeLimits() implements PreFilterPlugin, FilterPlugin, RequeuePlugin {
  private static final Verdict FULL = Verdict.unschedulable("node(s) exceed max volume count");

  /** A volume as its driver knows it; one that is still to be made goes by its claim. */
  private record Attachable(String driver, String handle) {}

  /** What the pod needs attached. */
  private record Needed(Set<Attachable> volumes, Storage storage) {}

  @Override
  public Preparation preFilter(CycleState state, PodInfo pod, Cluster cluster) {
    if (pod.claims().isEmpty()) {
      return Preparation.SKIP;
    }
    Needed needed = new Needed(attachables(pod, cluster.storage()), cluster.storage());
    state.put(Needed.class, needed);
    return needed.volumes().isEmpty() ? Preparation.SKIP : Preparation.PROCEED;
  }

  private static Set<Attachable> attachables(PodInfo pod, Storage storage) {
    Set<Attachable> all = new HashSet<>();
    for (PodInfo.ClaimUse use : pod.claims()) {
      storage
          .find(Claim.class, pod.claim(use))
          .flatMap(claim -> attachable(claim, storage))
          .ifPresent(all::add);
    }
    return all;
  }

  private static Optional<Attachable> attachable(Claim claim, Storage storage) {
    return claim.volume().isEmpty()
        ? storage
            .classOf(claim)
            .map(ProvisioningClass::provisioner)
            .map(driver -> new Attachable(driver, claim.key().toString()))
        : storage.volumeOf(claim).flatMap(NodeVolumeLimits::attachable);
  }

  private static Optional<Attachable> attachable(Volume volume) {
    return volume.driver().isEmpty()
        ? Optional.empty()
        : Optional.of(new Attachable(volume.driver(), volume.handle()));
  }

  @Override
  public Verdict filter(CycleState state, PodInfo pod, NodeInfo node) {
    Needed needed = state.get(Needed.class);
    Map<String, Integer> limits =
        needed
            .storage()
            .find(NodeDrivers.class, node.name())
            .map(NodeDrivers::limits)
            .orElse(Map.of());
    if (needed.volumes().stream().noneMatch(one -> limits.containsKey(one.driver()))) {
      return Verdict.PASS;
    }
    Set<Attachable> there = there(node, needed.storage());
    Map<String, Integer> counts = new HashMap<>();
    there.forEach(one -> counts.merge(one.driver(), 1, Integer::sum));
    for (Attachable one : needed.volumes()) {
      if (!there.contains(one)) {
        int count = counts.merge(one.driver(), 1, Integer::sum);
        if (count > limits.getOrDefault(one.driver(), Integer.MAX_VALUE)) {
          return FULL;
        }
      }
    }
    return Verdict.PASS;
  }

  /** What the node's pods use, and what is attached though no pod uses it any more. */
  private static Set<Attachable> there(NodeInfo node, Storage storage) {
    Set<Attachable> there = new HashSet<>();
    node.pods().forEach(other -> there.addAll(attachables(other, storage)));
    for (Attachment attachment : storage.attachedTo(node.name())) {
      storage
          .find(Volume.class, attachment.volume())
          .flatMap(NodeVolumeLimits::attachable)
          .ifPresent(there::add);
    }
    return there;
  }

  @Override
  public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.StorageChanged(StorageObject object, boolean gone) ->
          switch (object) {
            case NodeDrivers drivers -> !gone;
            case Attachment attachment -> gone;
            case Claim claim -> true;
            case Volume volume -> false;
            case ProvisioningClass storageClass -> false;
            case StorageObject.Driver driver -> false;
            case StorageObject.Capacity capacity -> false;
          };
      case ClusterEvent.PodGone gone -> !gone.pod().claims().isEmpty();
      case ClusterEvent.NodeAdded added -> true;
      case ClusterEvent.TimePassed() -> true;
      case ClusterEvent.NodeGone gone -> false;
      case ClusterEvent.NodeChanged changed -> false;
      case ClusterEvent.PodAssigned assigned -> false;
      case ClusterEvent.PodChanged changed -> false;
      case ClusterEvent.NamespaceChanged changed -> false;
      case ClusterEvent.GroupChanged changed -> false;
    };
  }
}
