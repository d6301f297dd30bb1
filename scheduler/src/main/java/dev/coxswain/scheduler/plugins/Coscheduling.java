package dev.coxswain.scheduler.plugins;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.scheduler.framework.ClusterEvent;
import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.Diagnosis;
import dev.coxswain.scheduler.framework.PermitPlugin;
import dev.coxswain.scheduler.framework.PostFilterPlugin;
import dev.coxswain.scheduler.framework.PreFilterPlugin;
import dev.coxswain.scheduler.framework.Profile;
import dev.coxswain.scheduler.framework.QueueSortPlugin;
import dev.coxswain.scheduler.framework.RequeuePlugin;
import dev.coxswain.scheduler.framework.ReservePlugin;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.framework.WaitingPods;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.Gangs;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All of a group, or none: pods of a group wait on their nodes until so many have one as must run
 * at once; when one fits nowhere, those that wait give their nodes back. Only profiles that enable
 * it have it.
 *
 * @param patience how long a pod keeps its node for the others
 * @param inPatience the group of each pod that waits; bounded by the pods under way
 */
record Coscheduling(WaitingPods waiting, Duration patience, Map<ObjectKey, ObjectKey> inPatience)
    implements QueueSortPlugin,
        PreFilterPlugin,
        PostFilterPlugin,
        ReservePlugin,
        PermitPlugin,
        RequeuePlugin {

  Coscheduling(WaitingPods waiting, Duration patience) {
    this(waiting, patience, new ConcurrentHashMap<>());
  }

  /** What the pod's cycle found out about its group. */
  private record Group(ObjectKey name, int minimum, Cluster cluster) {
    /** How many have a node, bound or about to be. */
    long placed() {
      return cluster.gangs().members(name).stream()
          .filter(member -> cluster.pod(member).isPresent())
          .count();
    }
  }

  /** By priority, and a group's pods one after the other: two groups that alternate block both. */
  @Override
  public Comparator<PodInfo> order() {
    return Comparator.comparingInt(PodInfo::priority)
        .reversed()
        .thenComparing(PodInfo::since)
        .thenComparing(pod -> Gangs.of(pod).map(ObjectKey::toString).orElse(""));
  }

  @Override
  public Preparation preFilter(CycleState state, PodInfo pod, Cluster cluster) {
    Optional<ObjectKey> gang = Gangs.of(pod);
    if (gang.isEmpty()) {
      return Preparation.SKIP;
    }
    Optional<Integer> asked = cluster.gangs().minimum(pod);
    if (asked.isEmpty()) {
      // Its Job may not have been heard of yet: to go ahead alone is what a group must not do.
      return new Preparation.Rejected(
          List.of(
              "no label "
                  + Gangs.MIN_AVAILABLE
                  + " on the pod or a Job says how many of group "
                  + gang.get()
                  + " must run at once"));
    }
    int minimum = asked.get();
    int members = cluster.gangs().members(gang.get()).size();
    if (members < minimum) {
      return new Preparation.Rejected(
          List.of(
              "cannot find enough sibling pods, current pods number: "
                  + members
                  + ", minMember of group: "
                  + minimum));
    }
    state.put(Group.class, new Group(gang.get(), minimum, cluster));
    return Preparation.PROCEED;
  }

  @Override
  public Remedy postFilter(Profile profile, PodInfo pod, Cluster cluster, Diagnosis diagnosis) {
    Gangs.of(pod)
        .filter(gang -> placed(gang, cluster) < cluster.gangs().minimum(pod).orElse(1))
        .ifPresent(gang -> giveUp(gang, pod.key() + " of the same group fits nowhere"));
    return new Remedy.None("");
  }

  private static long placed(ObjectKey gang, Cluster cluster) {
    return new Group(gang, 0, cluster).placed();
  }

  private void giveUp(ObjectKey gang, String why) {
    inPatience.forEach((pod, its) -> {
      if (its.equals(gang)) {
        waiting.reject(pod, why);
      }
    });
  }

  @Override
  public Verdict reserve(CycleState state, PodInfo pod, String node) {
    return Verdict.PASS;
  }

  /** One that is not bound after all takes along those that wait for it. */
  @Override
  public void unreserve(CycleState state, PodInfo pod, String node) {
    inPatience.remove(pod.key());
    Gangs.of(pod).ifPresent(gang -> giveUp(gang, pod.key() + " of the same group was not bound"));
  }

  @Override
  public Permit permit(CycleState state, PodInfo pod, String node) {
    Optional<Group> group = state.find(Group.class);
    if (group.isEmpty()) {
      return Permit.ALLOW;
    }
    if (group.get().placed() < group.get().minimum()) {
      inPatience.put(pod.key(), group.get().name());
      return new Permit.Wait(patience);
    }
    inPatience.forEach((other, gang) -> {
      if (gang.equals(group.get().name())) {
        waiting.allow(other);
        inPatience.remove(other);
      }
    });
    return Permit.ALLOW;
  }

  @Override
  public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.GroupChanged(ObjectKey group) ->
          Gangs.of(waiting).filter(group::equals).isPresent();
      case ClusterEvent.PodGone gone -> true;
      case ClusterEvent.NodeAdded added -> true;
      case ClusterEvent.NodeChanged changed -> true;
      case ClusterEvent.StorageChanged changed -> !waiting.claims().isEmpty();
      case ClusterEvent.PodChanged changed -> true;
      case ClusterEvent.TimePassed() -> true;
      case ClusterEvent.NodeGone gone -> false;
      case ClusterEvent.PodAssigned assigned -> false;
      case ClusterEvent.NamespaceChanged changed -> false;
    };
  }
}
