package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.framework.ClusterEvent;
import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.FilterPlugin;
import dev.coxswain.scheduler.framework.PreFilterPlugin;
import dev.coxswain.scheduler.framework.RequeuePlugin;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.StorageObject.Claim;
import dev.coxswain.scheduler.model.StorageObject.Volume;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Sends a pod into the zones and regions that its volumes are labelled with. */
record VolumeZone() implements PreFilterPlugin, FilterPlugin, RequeuePlugin {
  private static final Verdict OTHER_ZONE =
      Verdict.unresolvable("node(s) had no available volume zone");
  private static final List<String> LABELS =
      List.of(
          "topology.kubernetes.io/zone",
          "topology.kubernetes.io/region",
          "failure-domain.beta.kubernetes.io/zone",
          "failure-domain.beta.kubernetes.io/region");

  /** Old volumes have labels that nodes no longer have, and what nodes have instead. */
  private static final Map<String, String> PRESENT =
      Map.of(
          "failure-domain.beta.kubernetes.io/zone",
          "topology.kubernetes.io/zone",
          "failure-domain.beta.kubernetes.io/region",
          "topology.kubernetes.io/region");

  /** Between the zones of a volume that is in several. */
  private static final String SEPARATOR = "__";

  /** A label, and the values of it that a node may have. */
  private record Constraint(String label, Set<String> values) {}

  /** What all volumes ask together. */
  private record Constraints(List<Constraint> all) {}

  @Override
  public Preparation preFilter(CycleState state, PodInfo pod, Cluster cluster) {
    if (pod.claims().isEmpty()) {
      return Preparation.SKIP;
    }
    List<Constraint> constraints =
        pod.claims().stream()
            .flatMap(use -> cluster.storage().find(Claim.class, pod.claim(use)).stream())
            .filter(Claim::settled)
            .flatMap(claim -> cluster.storage().volumeOf(claim).stream())
            .flatMap(volume -> constraints(volume).stream())
            .toList();
    state.put(Constraints.class, new Constraints(constraints));
    return constraints.isEmpty() ? Preparation.SKIP : Preparation.PROCEED;
  }

  private static List<Constraint> constraints(Volume volume) {
    return LABELS.stream()
        .filter(volume.labels()::containsKey)
        .map(label -> {
          String values = volume.labels().getOrDefault(label, "");
          return new Constraint(label, new HashSet<>(List.of(values.split(SEPARATOR, -1))));
        })
        .toList();
  }

  @Override
  public Verdict filter(CycleState state, PodInfo pod, NodeInfo node) {
    Map<String, String> labels = node.spec().labels();
    // A node that says nothing of where it is belongs to a cluster of one zone.
    if (LABELS.stream().noneMatch(labels::containsKey)) {
      return Verdict.PASS;
    }
    for (Constraint constraint : state.get(Constraints.class).all()) {
      String label = constraint.label();
      String value = labels.getOrDefault(label, labels.get(PRESENT.getOrDefault(label, label)));
      if (value == null || !constraint.values().contains(value)) {
        return OTHER_ZONE;
      }
    }
    return Verdict.PASS;
  }

  @Override
  public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.NodeAdded added -> true;
      case ClusterEvent.NodeChanged changed ->
          !changed.before().labels().equals(changed.after().labels());
      case ClusterEvent.StorageChanged changed -> true;
      case ClusterEvent.TimePassed() -> true;
      case ClusterEvent.NodeGone gone -> false;
      case ClusterEvent.PodAssigned assigned -> false;
      case ClusterEvent.PodChanged changed -> false;
      case ClusterEvent.PodGone gone -> false;
      case ClusterEvent.NamespaceChanged changed -> false;
      case ClusterEvent.GroupChanged changed -> false;
    };
  }
}
