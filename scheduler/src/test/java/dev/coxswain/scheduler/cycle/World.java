package dev.coxswain.scheduler.cycle;

import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.scheduler.framework.PostFilterPlugin.Remedy;
import dev.coxswain.scheduler.model.HostPort;
import dev.coxswain.scheduler.model.NodeSpec;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.Pods;
import dev.coxswain.scheduler.model.Taint;
import dev.coxswain.scheduler.model.Toleration;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * A cluster with a scheduler, in which everything is late and much goes wrong: news travel slowly,
 * bindings fail, nodes vanish, the scheduler dies. Random numbers decide; a seed replays.
 */
final class World {
  private static final String HOST = "kubernetes.io/hostname";

  private final Randomness random;
  private final StringBuilder trace = new StringBuilder();
  private final Map<String, NodeSpec> nodes = new TreeMap<>();
  private final Map<String, PodInfo> pods = new TreeMap<>();

  /** What the scheduler has not heard yet, in order. */
  private final Deque<Consumer<SchedulerCore>> news = new ArrayDeque<>();

  private final List<Step.Bind> calls = new ArrayList<>();
  private final Set<String> boundOnce = new TreeSet<>();
  private SchedulerCore core;
  private long now;
  private int created;

  World(long seed) {
    this.random = Randomness.seeded(seed);
    this.core = scheduler();
    for (int index = 0; index < 5; index++) {
      addNode("n" + index);
    }
  }

  private SchedulerCore scheduler() {
    return SchedulerCores.ofDefaults(Randomness.seeded(random.bits()));
  }

  String trace() {
    return trace.toString();
  }

  private void note(String what) {
    trace.append(what).append('\n');
  }

  /** Something happens. */
  void step() {
    switch ((int) random.below(22)) {
      case 0, 1, 2, 3 -> createPod();
      case 4 -> anyPod().ifPresent(this::deletePod);
      case 5 -> anyPod().filter(PodInfo::assigned).ifPresent(this::finishPod);
      case 6 -> changeNode();
      case 7 -> now += random.below(Duration.ofSeconds(3).toNanos());
      case 8 -> {
        if (random.chance(0.05)) {
          restart();
        }
      }
      case 9, 10, 11, 12 -> hear();
      case 13, 14, 15, 16 -> answerCall();
      default -> schedule();
    }
    checkRoom();
  }

  private Optional<PodInfo> anyPod() {
    return pods.isEmpty()
        ? Optional.empty()
        : Optional.of(List.copyOf(pods.values()).get((int) random.below(pods.size())));
  }

  private void addNode(String name) {
    NodeSpec node =
        Pods.labelled(
            // A node that comes back has its former size: news of a smaller one could come too
            // late.
            Pods.node(name, 1000 + name.hashCode() % 3 * 500L, 4000),
            "disk",
            random.chance(0.5) ? "ssd" : "hdd");
    if (random.chance(0.2)) {
      node = Pods.tainted(node, new Taint("dedicated", "x", "NoSchedule"));
    }
    nodes.put(name, node);
    tellNode(node);
  }

  private void tellNode(NodeSpec node) {
    news.add(scheduler -> scheduler.node(node, now));
  }

  private void changeNode() {
    String name = "n" + random.below(7);
    NodeSpec node = nodes.get(name);
    if (node == null) {
      addNode(name);
      note("node " + name + " comes");
    } else if (random.chance(0.5)) {
      NodeSpec changed = Pods.cordoned(node, !node.unschedulable());
      nodes.put(name, changed);
      tellNode(changed);
      note("node " + name + " cordoned " + changed.unschedulable());
    } else if (random.chance(0.3)) {
      nodes.remove(name);
      news.add(scheduler -> scheduler.nodeGone(name, now));
      note("node " + name + " goes");
      for (PodInfo pod : List.copyOf(pods.values())) {
        if (pod.nodeName().equals(name)) {
          removePod(pod);
        }
      }
    }
  }

  private void createPod() {
    // Names come back, as those of a StatefulSet do.
    String name = "p" + random.below(60);
    if (pods.containsKey(name)) {
      return;
    }
    String uid = "uid-" + created++;
    PodInfo pod =
        Pods.with(
            Pods.pod(name, 50 + random.below(10) * 60, random.below(8) * 100),
            draft -> {
              draft.uid = uid;
              draft.priority = (int) random.below(3) * 10;
              draft.owner = "rs" + random.below(3);
              draft.labels = Map.of("app", draft.owner);
              switch ((int) random.below(6)) {
                case 0 -> draft.wishes = Pods.selecting(Map.of("disk", "ssd"));
                case 1 -> draft.wishes = Pods.tolerating(new Toleration("dedicated", true, "", ""));
                case 2 -> draft.wishes = Pods.farFrom(HOST, draft.labels);
                case 3 ->
                    draft.hostPorts =
                        List.of(new HostPort("0.0.0.0", "TCP", 8000 + (int) random.below(2)));
                default -> {}
              }
            });
    pods.put(name, pod);
    tellPod(pod);
    note("pod " + name + " " + uid + " created");
  }

  private void tellPod(PodInfo pod) {
    news.add(scheduler -> scheduler.pod(pod, now));
  }

  private void deletePod(PodInfo pod) {
    if (!pod.assigned() || pod.state() == PodInfo.State.TERMINATING) {
      removePod(pod);
    } else {
      PodInfo terminating = Pods.with(pod, draft -> draft.state = PodInfo.State.TERMINATING);
      pods.put(pod.key().name(), terminating);
      tellPod(terminating);
    }
    note("pod " + pod.key().name() + " deleted");
  }

  private void removePod(PodInfo pod) {
    pods.remove(pod.key().name());
    news.add(scheduler -> scheduler.podGone(pod, now));
  }

  private void finishPod(PodInfo pod) {
    PodInfo finished = Pods.with(pod, draft -> draft.state = PodInfo.State.FINISHED);
    pods.remove(pod.key().name());
    tellPod(finished);
    note("pod " + pod.key().name() + " finished");
  }

  private void hear() {
    Consumer<SchedulerCore> next = news.poll();
    if (next != null) {
      next.accept(core);
    }
  }

  private void schedule() {
    core.next(now).ifPresent(this::perform);
  }

  private void perform(Step step) {
    switch (step) {
      case Step.Bind bind -> {
        String uid = bind.pod().uid();
        if (calls.stream().anyMatch(call -> call.pod().uid().equals(uid))) {
          throw new AssertionError(uid + " is being bound twice at the same time");
        }
        calls.add(bind);
        note("bind " + uid + " to " + bind.node());
      }
      case Step.Unfit unfit -> {
        note("unfit " + unfit.queued().pod().uid() + ": " + unfit.message());
        switch (unfit.remedy()) {
          case Remedy.Evict evict -> evict(unfit.queued().pod(), evict);
          case Remedy.Wait wait -> {}
          case Remedy.None none -> nominate(unfit.queued().pod(), "");
        }
      }
      case Step.Failed failed -> throw new AssertionError(failed.message());
    }
  }

  private void evict(PodInfo pod, Remedy.Evict evict) {
    for (PodInfo victim : evict.victims()) {
      if (victim.priority() >= pod.priority()) {
        throw new AssertionError(victim.key() + " is no less important than " + pod.key());
      }
      PodInfo there = pods.get(victim.key().name());
      if (there != null && there.uid().equals(victim.uid())) {
        deletePod(there);
      }
    }
    nominate(pod, evict.node());
  }

  private void nominate(PodInfo pod, String node) {
    PodInfo there = pods.get(pod.key().name());
    if (there != null
        && there.uid().equals(pod.uid())
        && !there.assigned()
        && !there.nominatedNode().equals(node)) {
      PodInfo nominated = there.nominatedTo(node);
      pods.put(pod.key().name(), nominated);
      tellPod(nominated);
    }
  }

  /** The API server's part of a binding. */
  private void answerCall() {
    if (calls.isEmpty()) {
      return;
    }
    Step.Bind call = calls.remove((int) random.below(calls.size()));
    if (random.chance(0.15)) {
      note("binding " + call.pod().uid() + " fails");
      core.notBound(call.queued(), Optional.empty(), now);
    } else if (bindInApi(call)) {
      core.bound(call.queued());
    } else {
      note("binding " + call.pod().uid() + " refused");
      core.notBound(call.queued(), Optional.empty(), now);
    }
  }

  private boolean bindInApi(Step.Bind call) {
    PodInfo there = pods.get(call.pod().key().name());
    if (there == null
        || !there.uid().equals(call.pod().uid())
        || there.assigned()
        || there.state() != PodInfo.State.ALIVE) {
      return false;
    }
    if (!boundOnce.add(there.uid())) {
      throw new AssertionError(there.uid() + " was bound twice");
    }
    PodInfo bound = there.on(call.node());
    pods.put(bound.key().name(), bound);
    tellPod(bound);
    if (!nodes.containsKey(call.node())) {
      // The garbage collector's part: a pod bound to a node that went meanwhile.
      removePod(bound);
    }
    return true;
  }

  private void restart() {
    note("the scheduler restarts");
    // Calls under way still arrive, or never will.
    for (Step.Bind call : calls) {
      if (random.chance(0.5)) {
        bindInApi(call);
      }
    }
    calls.clear();
    news.clear();
    core = scheduler();
    nodes.values().forEach(this::tellNode);
    pods.values().forEach(this::tellPod);
    // As the program does, it waits for the first lists before it decides anything.
    while (!news.isEmpty()) {
      hear();
    }
  }

  /** No node holds more than it has, in truth and not only in the scheduler's eyes. */
  private void checkRoom() {
    Map<String, Long> cpu = new TreeMap<>();
    Map<String, Long> memory = new TreeMap<>();
    for (PodInfo pod : pods.values()) {
      if (pod.assigned()) {
        cpu.merge(pod.nodeName(), pod.requests().milliCpu(), Long::sum);
        memory.merge(pod.nodeName(), pod.requests().memory(), Long::sum);
      }
    }
    for (NodeSpec node : nodes.values()) {
      if (cpu.getOrDefault(node.name(), 0L) > node.allocatable().milliCpu()
          || memory.getOrDefault(node.name(), 0L) > node.allocatable().memory()) {
        throw new AssertionError(node.name() + " is over-committed");
      }
    }
  }

  /** Lets everything that is under way come to its end, without further trouble. */
  void settle() {
    for (int round = 0; round < 2000; round++) {
      while (!news.isEmpty()) {
        hear();
      }
      while (!calls.isEmpty()) {
        Step.Bind call = calls.removeFirst();
        if (bindInApi(call)) {
          core.bound(call.queued());
        } else {
          core.notBound(call.queued(), Optional.empty(), now);
        }
      }
      checkRoom();
      // Whoever was told to go, goes.
      for (PodInfo pod : List.copyOf(pods.values())) {
        if (pod.state() == PodInfo.State.TERMINATING) {
          removePod(pod);
        }
      }
      if (!news.isEmpty()) {
        continue;
      }
      Optional<Step> step = core.next(now);
      if (step.isPresent()) {
        perform(step.get());
      } else if (core.queue().backingOff() > 0) {
        now = core.nextDue(now).orElseThrow();
      } else {
        return;
      }
    }
    throw new AssertionError("it does not settle");
  }

  /** The pods that wait though, by a simple-minded look, there is a node for them. */
  List<String> forgotten() {
    List<String> forgotten = new ArrayList<>();
    for (PodInfo pod : pods.values()) {
      if (!pod.assigned() && nodes.values().stream().anyMatch(node -> fits(pod, node))) {
        forgotten.add(pod.key().name());
      }
    }
    return forgotten;
  }

  private boolean fits(PodInfo pod, NodeSpec node) {
    List<PodInfo> there =
        pods.values().stream().filter(other -> other.nodeName().equals(node.name())).toList();
    long cpu = there.stream().mapToLong(other -> other.requests().milliCpu()).sum();
    long memory = there.stream().mapToLong(other -> other.requests().memory()).sum();
    return !node.unschedulable()
        && pod.wishes().select(node)
        && pod.wishes().tolerate(node)
        && cpu + pod.requests().milliCpu() <= node.allocatable().milliCpu()
        && memory + pod.requests().memory() <= node.allocatable().memory()
        && there.stream()
            .flatMap(other -> other.hostPorts().stream())
            .noneMatch(pod.hostPorts()::contains)
        && there.stream().noneMatch(other -> objects(pod, other) || objects(other, pod));
  }

  private static boolean objects(PodInfo one, PodInfo other) {
    return one.wishes().far().stream().anyMatch(term -> term.matches(other, Map.of()));
  }

  /** How many pods have a node. */
  long placed() {
    return pods.values().stream().filter(PodInfo::assigned).count();
  }
}
