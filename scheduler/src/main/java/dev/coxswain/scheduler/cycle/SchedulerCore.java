package dev.coxswain.scheduler.cycle;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.scheduler.framework.ClusterEvent;
import dev.coxswain.scheduler.framework.PostFilterPlugin.Remedy;
import dev.coxswain.scheduler.framework.Profile;
import dev.coxswain.scheduler.framework.QueueSortPlugin;
import dev.coxswain.scheduler.model.Budget;
import dev.coxswain.scheduler.model.NodeSpec;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.StorageObject;
import dev.coxswain.scheduler.queue.QueuedPod;
import dev.coxswain.scheduler.queue.SchedulingQueue;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.Gangs;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The scheduler without threads, clock and network: changes and results go in, steps come out. One
 * owner calls it; times are monotonic nanoseconds.
 */
public final class SchedulerCore {
  private static final Logger log = LoggerFactory.getLogger(SchedulerCore.class);

  private final Map<String, Profile> profiles = new LinkedHashMap<>();
  private final Cluster cluster = new Cluster();
  private final SchedulingQueue queue;
  private final SchedulingCycle cycle;

  /** Pods that are being bound: their attempt, by name. */
  private final Map<ObjectKey, QueuedPod> binding = new HashMap<>();

  /** Pods for which room is being made that do not say so yet: their uids, by name. */
  private final Map<ObjectKey, String> nominatedUnheard = new HashMap<>();

  /** A scheduler with these profiles, which share one queue order. */
  public SchedulerCore(List<Profile> profiles, BackoffRange backoff, Randomness randomness) {
    profiles.forEach(profile -> this.profiles.put(profile.schedulerName(), profile));
    this.queue =
        new SchedulingQueue(order(profiles), this::profile, backoff.first(), backoff.last());
    this.cycle = new SchedulingCycle(randomness);
  }

  /** There is one queue: an order that some profile enables holds for the pods of all. */
  private static Comparator<PodInfo> order(List<Profile> profiles) {
    return profiles.stream()
        .map(profile -> profile.of(QueueSortPlugin.class).getLast())
        .filter(plugin -> !plugin.equals(profiles.getFirst().of(QueueSortPlugin.class).getFirst()))
        .findFirst()
        .orElse(profiles.getFirst().of(QueueSortPlugin.class).getFirst())
        .order();
  }

  private Optional<Profile> profile(PodInfo pod) {
    return Optional.ofNullable(profiles.get(pod.schedulerName()));
  }

  /** The nodes and the pods on them; not to be changed. */
  public Cluster cluster() {
    return cluster;
  }

  /** The pods that wait; not to be changed. */
  public SchedulingQueue queue() {
    return queue;
  }

  /** A pod came or changed. */
  public void pod(PodInfo pod, long now) {
    if (pod.state() == PodInfo.State.FINISHED) {
      podGone(pod, now);
    } else if (pod.assigned()) {
      cluster.gangs().add(pod);
      assigned(pod, now);
    } else {
      waiting(pod, now);
    }
  }

  private void assigned(PodInfo pod, long now) {
    queue.remove(pod.key());
    // Seen on its node, it is bound, whatever becomes of our call.
    binding.remove(pod.key());
    forgetNomination(pod, now);
    Optional<PodInfo> before = cluster.pod(pod.key());
    cluster.put(pod);
    if (before.isEmpty() || !before.get().nodeName().equals(pod.nodeName())) {
      queue.moveOn(new ClusterEvent.PodAssigned(pod), now);
    } else if (!before.get().equals(pod)) {
      queue.moveOn(new ClusterEvent.PodChanged(before.get(), pod), now);
    }
  }

  private void waiting(PodInfo pod, long now) {
    QueuedPod underWay = binding.get(pod.key());
    boolean decided = underWay != null && underWay.pod().uid().equals(pod.uid());
    if (underWay != null && decided) {
      // The news is older than our decision; should that fail, the pod is tried as it is now.
      binding.put(pod.key(), underWay.with(pod));
    }
    if (pod.state() == PodInfo.State.TERMINATING || profile(pod).isEmpty()) {
      cluster.gangs().remove(pod);
      queue.remove(pod.key());
      forgetNomination(pod, now);
      return;
    }
    if (decided) {
      return;
    }
    Optional<PodInfo> placed = cluster.pod(pod.key());
    if (placed.isPresent() && placed.get().uid().equals(pod.uid())) {
      return;
    }
    if (placed.isPresent()) {
      // Another pod of the same name: the former one's end went unheard.
      podGone(placed.get(), now);
    }
    if (cluster.gangs().add(pod)) {
      Gangs.of(pod).ifPresent(group -> queue.moveOn(new ClusterEvent.GroupChanged(group), now));
    }
    if (!pod.nominatedNode().isEmpty()) {
      queue.put(pod, now);
      nominatedUnheard.remove(pod.key());
      cluster.nominate(pod, pod.nominatedNode());
    } else if (pod.uid().equals(nominatedUnheard.get(pod.key()))) {
      // News from before the pod was told: the room that is being made stays its own.
      PodInfo nominated = pod.nominatedTo(cluster.forgetNomination(pod.key()));
      queue.put(nominated, now);
      cluster.nominate(nominated, nominated.nominatedNode());
    } else {
      queue.put(pod, now);
      forgetNomination(pod, now);
    }
  }

  /** The room that was being made for a pod is anybody's again. */
  private void forgetNomination(PodInfo pod, long now) {
    nominatedUnheard.remove(pod.key());
    String node = cluster.forgetNomination(pod.key());
    if (!node.isEmpty()) {
      queue.moveOn(new ClusterEvent.PodGone(pod.on(node)), now);
    }
  }

  /** A pod was deleted, or uses nothing any more. */
  public void podGone(PodInfo pod, long now) {
    cluster.gangs().remove(pod);
    queue.remove(pod.key());
    forgetNomination(pod, now);
    binding.remove(pod.key());
    cluster
        .removePod(pod.key())
        .ifPresent(there -> queue.moveOn(new ClusterEvent.PodGone(there), now));
  }

  /** A node came or changed. */
  public void node(NodeSpec node, long now) {
    Optional<NodeSpec> before = cluster.put(node);
    if (before.isEmpty()) {
      queue.moveOn(new ClusterEvent.NodeAdded(node), now);
    } else if (!before.get().equals(node)) {
      queue.moveOn(new ClusterEvent.NodeChanged(before.get(), node), now);
    }
  }

  /** A node was deleted. */
  public void nodeGone(String name, long now) {
    cluster.removeNode(name).ifPresent(node -> queue.moveOn(new ClusterEvent.NodeGone(node), now));
  }

  /** A namespace came or changed. */
  public void namespace(String name, Map<String, String> labels, long now) {
    if (!labels.equals(cluster.namespaces().get(name))) {
      cluster.putNamespace(name, labels);
      queue.moveOn(new ClusterEvent.NamespaceChanged(name), now);
    }
  }

  /** A namespace was deleted. */
  public void namespaceGone(String name) {
    cluster.removeNamespace(name);
  }

  /** A claim, a volume or what decides about them came or changed. */
  public void storage(StorageObject object, long now) {
    if (cluster.storage().put(object)) {
      queue.moveOn(new ClusterEvent.StorageChanged(object, false), now);
    }
  }

  /** A claim, a volume or what decides about them was deleted. */
  public void storageGone(StorageObject object, long now) {
    cluster.storage().remove(object);
    queue.moveOn(new ClusterEvent.StorageChanged(object, true), now);
  }

  /** A Job asks that so many of its group's pods run at once; 0 when it no longer does. */
  public void gang(ObjectKey name, int minimum, long now) {
    cluster.gangs().ask(name, minimum);
    queue.moveOn(new ClusterEvent.GroupChanged(name), now);
  }

  /** A disruption budget came or changed; only those who would have to go are concerned. */
  public void budget(Budget budget) {
    cluster.put(budget);
  }

  /** A disruption budget was deleted. */
  public void budgetGone(Budget budget) {
    cluster.removeBudget(budget.key());
  }

  /** Gives the next pod its turn; empty when nobody's turn it is. */
  public Optional<Step> next(long now) {
    Optional<QueuedPod> popped = queue.pop(now);
    if (popped.isEmpty()) {
      return Optional.empty();
    }
    QueuedPod queued = popped.get();
    Profile profile = profile(queued.pod()).orElseThrow();
    try {
      return Optional.of(
          switch (cycle.decide(profile, queued.pod(), cluster)) {
            case Decision.Fits fits -> fits(queued, profile, fits, now);
            case Decision.Unfit unfit -> unfit(queued, profile, unfit, now);
          });
    } catch (RuntimeException e) {
      // A plugin's bug must not stop the others' pods.
      log.warn("pod {} could not be judged", queued.pod().key(), e);
      queue.retry(queued, now);
      return Optional.of(new Step.Failed(queued, String.valueOf(e.getMessage()), profile));
    }
  }

  private Step fits(QueuedPod queued, Profile profile, Decision.Fits fits, long now) {
    cluster.put(queued.pod().on(fits.node()));
    forgetNomination(queued.pod(), now);
    binding.put(queued.pod().key(), queued);
    return new Step.Bind(queued, fits.node(), profile, fits.state());
  }

  private Step unfit(QueuedPod queued, Profile profile, Decision.Unfit unfit, long now) {
    QueuedPod waiting = queued;
    switch (unfit.remedy()) {
      case Remedy.Evict evict -> {
        PodInfo nominated = queued.pod().nominatedTo(evict.node());
        waiting = queued.with(nominated);
        cluster.nominate(nominated, evict.node());
        if (!queued.pod().nominatedNode().equals(evict.node())) {
          nominatedUnheard.put(nominated.key(), nominated.uid());
        }
      }
      case Remedy.Wait wait -> {}
      case Remedy.None none -> {
        // No use in keeping room on a node where it does not fit after all.
        waiting = queued.with(queued.pod().nominatedTo(""));
        forgetNomination(queued.pod(), now);
      }
    }
    queue.reject(waiting, unfit.plugins(), now);
    return new Step.Unfit(queued, unfit.message(), unfit.remedy(), profile);
  }

  /** A pod was bound. */
  public void bound(QueuedPod queued) {
    if (isUnderWay(queued)) {
      binding.remove(queued.pod().key());
    }
  }

  /**
   * A pod could not be bound.
   *
   * @param rejectedBy the plugin that objected; empty when the attempt failed otherwise
   */
  public void notBound(QueuedPod queued, Optional<String> rejectedBy, long now) {
    if (!isUnderWay(queued)) {
      return;
    }
    QueuedPod latest = Objects.requireNonNull(binding.remove(queued.pod().key()));
    cluster
        .removePod(queued.pod().key())
        .ifPresent(pod -> queue.moveOn(new ClusterEvent.PodGone(pod), now));
    if (latest.pod().state() == PodInfo.State.TERMINATING) {
      // Finalizers may keep it for long; nobody will run it.
      return;
    }
    if (rejectedBy.isPresent()) {
      queue.reject(latest, Set.of(rejectedBy.get()), now);
    } else {
      queue.retry(latest, now);
    }
  }

  private boolean isUnderWay(QueuedPod queued) {
    QueuedPod underWay = binding.get(queued.pod().key());
    return underWay != null && underWay.pod().uid().equals(queued.pod().uid());
  }

  /** When to call {@link #next} again though nothing happens; empty for not at all. */
  public OptionalLong nextDue(long now) {
    return queue.ready(now) ? OptionalLong.of(now) : queue.nextDue();
  }

  /** How many pods are being bound. */
  public int bindingCount() {
    return binding.size();
  }
}
