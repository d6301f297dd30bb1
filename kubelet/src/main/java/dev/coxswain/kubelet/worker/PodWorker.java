package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.admission.Admission;
import dev.coxswain.kubelet.admission.Refusal;
import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.kubelet.pod.ContainerView;
import dev.coxswain.kubelet.pod.Ending;
import dev.coxswain.kubelet.pod.Failure;
import dev.coxswain.kubelet.pod.Health;
import dev.coxswain.kubelet.pod.PendingResize;
import dev.coxswain.kubelet.pod.PodAction;
import dev.coxswain.kubelet.pod.PodDecider;
import dev.coxswain.kubelet.pod.PodDecision;
import dev.coxswain.kubelet.pod.PodMachine;
import dev.coxswain.kubelet.pod.SandboxView;
import dev.coxswain.kubelet.probe.ProbeCounts;
import dev.coxswain.kubelet.probe.ProbeManager;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one pod on a virtual thread: takes news in, observes the runtime, lets the machine decide,
 * starts the actions on threads of their own. News are messages; only the worker's thread touches
 * the machine.
 */
final class PodWorker {
  private static final Logger LOG = LoggerFactory.getLogger(PodWorker.class);

  /** Without any news the pod is looked at this often, in case some were lost. */
  private static final Duration RESYNC = Duration.ofSeconds(60);

  private static final Duration RUNTIME_RETRY = Duration.ofSeconds(1);

  /** When to look again for what the runtime does not tell of. */
  private static final Duration LATE_LOOK = Duration.ofSeconds(1);

  private final PodMachine machine;
  private final PodObserver observer;
  private final ActionRunner actions;
  private final StatusReporter reporter;
  private final PodEvents events;
  private final ProbeManager probes;
  private final Time time;
  private final Owner owner;
  private final Admission admission;
  private final String uid;
  private final Map<String, Thread> running = new HashMap<>();

  /**
   * News not yet taken in, guarded by itself. Its length is bounded by what is under way: one end
   * for each action, the newest word of each probe, one for each update of the pod.
   */
  private final Queue<Runnable> news = new ArrayDeque<>();

  private boolean woken;

  /** Whether the runtime may have changed since it was last looked at, guarded by the news. */
  private boolean unseen = true;

  private volatile PodObserver.Observation seen = PodObserver.Observation.NOTHING;
  private volatile boolean stopped;
  private volatile boolean removed;
  private volatile boolean released;
  private volatile boolean told;
  private volatile Pod pod;
  private volatile PodStatus seenStatus;
  private volatile boolean ends;

  PodWorker(Wiring wiring, PodMachine machine, Owner owner) {
    this.machine = machine;
    this.pod = machine.pod();
    this.seenStatus = machine.status();
    this.uid = machine.pod().getMetadata().getUid();
    this.observer = new PodObserver(wiring.runtime(), wiring.messages(), uid);
    this.actions = wiring.actions();
    this.events = wiring.events();
    this.time = wiring.time();
    this.owner = owner;
    this.reporter =
        new StatusReporter(machine, wiring.statuses(), wiring.turns(), time, this::tell);
    this.admission = wiring.admission();
    this.probes =
        new ProbeManager(
            wiring.runtime(),
            events,
            time,
            wiring.probes(),
            (id, health) -> tell(() -> machine.probed(id, health)));
  }

  /** What all workers of a node share. */
  record Wiring(
      ContainerRuntime runtime,
      TerminationMessages messages,
      ActionRunner actions,
      StatusSink statuses,
      Turns turns,
      Admission admission,
      ProbeCounts probes,
      PodEvents events,
      Time time) {}

  /** Who has the node's workers. */
  interface Owner {
    /** Whether the pod is released, or its status told, has changed; must not block. */
    void ending();

    /** The worker ended. */
    void done(PodWorker worker);

    /** Another pod must go so that this worker's can be taken. */
    void preempt(Pod victim);
  }

  /** Writes a pod's status to the API; blocks. */
  interface StatusSink {
    /** True once the API has it or no longer has the pod; false to try again. */
    boolean write(Pod pod, PodStatus status) throws InterruptedException;
  }

  void start() {
    Thread.ofVirtual().name("pod-" + describe()).start(this::run);
  }

  /** Leaves the pod as it is. */
  void stop() {
    stopped = true;
    wake();
  }

  void shown(Pod newer) {
    pod = newer;
    tell(() -> {
      machine.shown(newer, time.now());
      askForResources();
    });
  }

  /** Has the node give the pod what it asks for, now or when there is room. */
  private void askForResources() {
    machine
        .resizeAsked()
        .ifPresent(wanted ->
            admission.resize(wanted, why -> tell(() -> machine.answered(wanted, tellUser(why)))));
  }

  private Optional<PendingResize> tellUser(Optional<PendingResize> pending) {
    pending
        .filter(why -> !machine.pendingResize().equals(pending))
        .ifPresent(why ->
            events.warning(machine.pod(), "", "Resize" + why.reason().text(), why.message()));
    return pending;
  }

  /** What the API knew of the pod's status is gone. */
  void statusLost() {
    tell(machine::unrecord);
  }

  void gone() {
    ends = true;
    tell(() -> machine.gone(time.now()));
  }

  void fail(Ending ending) {
    ends = true;
    tell(() -> machine.fail(ending));
  }

  /** What volumes wait for may have come. */
  void volumesChanged() {
    tell(machine::volumesChanged);
  }

  void probed(String containerId, Health health) {
    tell(() -> machine.probed(containerId, health));
  }

  /** Something may have changed: look again. */
  void wake() {
    synchronized (news) {
      unseen = true;
      woken = true;
      news.notifyAll();
    }
  }

  /** What the runtime listed of the pod: states by the ids of sandboxes and containers. */
  void listed(Map<String, Integer> states) {
    if (!seen.states().equals(states)) {
      wake();
    }
  }

  /** Whether it ended because nothing of the pod is left. */
  boolean removed() {
    return removed;
  }

  /** Whether everything of the pod has stopped and what it held is given back. */
  boolean released() {
    return released;
  }

  /** Whether the API knows the newest status. */
  boolean told() {
    return told;
  }

  String uid() {
    return uid;
  }

  Pod pod() {
    return pod;
  }

  /** Whether it was taken and has not been told to end. */
  boolean active() {
    return !ends && !PodDecider.terminal(seenStatus);
  }

  /** The status as last decided. */
  PodStatus status() {
    return seenStatus;
  }

  /** The sandboxes as last seen. */
  List<SandboxView> sandboxes() {
    return seen.sandboxes();
  }

  /** The containers as last seen. */
  List<ContainerView> containers() {
    return seen.containers();
  }

  private void tell(Runnable what) {
    tell(what, false);
  }

  private void tell(Runnable what, boolean changedRuntime) {
    synchronized (news) {
      news.add(what);
      unseen |= changedRuntime;
      woken = true;
      news.notifyAll();
    }
  }

  private void run() {
    boolean done = false;
    try {
      admit();
      askForResources();
      while (!stopped && !done) {
        takeNews();
        pod = machine.pod();
        Optional<Instant> wakeAt = Optional.of(time.now().plus(RESYNC));
        try {
          look();
          PodDecision decision = machine.step(sandboxes(), containers(), time.now());
          seenStatus = decision.status();
          ends = machine.ends();
          followEnding();
          if (PodDecider.terminal(seenStatus)) {
            admission.left(uid);
          }
          carryOut(decision);
          done = decision.done();
          Instant next = decision.wakeAt().orElseGet(() -> time.now().plus(RESYNC));
          Instant soon = time.now().plus(LATE_LOOK);
          wakeAt = Optional.of(seen.late() && soon.isBefore(next) ? soon : next);
        } catch (CriException failure) {
          LOG.warn("Pod {}: the runtime does not answer: {}", describe(), failure.getMessage());
          wakeAt = Optional.of(time.now().plus(RUNTIME_RETRY));
        }
        if (!done) {
          await(reporter.report(wakeAt.get()));
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException failure) {
      LOG.error("Pod {}: its worker failed and begins anew", describe(), failure);
    } finally {
      removed = done;
      if (done) {
        admission.left(uid);
        actions.forget(pod);
      }
      probes.stop();
      owner.done(this);
    }
  }

  /** Asks the runtime, unless it has nothing else than when it was last asked. */
  private void look() {
    boolean changed;
    synchronized (news) {
      changed = unseen;
      unseen = false;
    }
    if (!changed) {
      return;
    }
    try {
      seen = observer.observe();
      synchronized (news) {
        unseen |= seen.late();
      }
    } catch (CriException failure) {
      synchronized (news) {
        unseen = true;
      }
      throw failure;
    }
  }

  private void followEnding() {
    boolean changed = released != machine.released() || told == machine.unrecorded();
    // In this order: who sees that it is released must not see that an older status is told.
    told = !machine.unrecorded();
    released = machine.released();
    if (changed) {
      owner.ending();
    }
  }

  private void admit() throws InterruptedException {
    if (machine.ends()) {
      return;
    }
    Optional<Refusal> refusal = admission.admit(machine.pod(), owner::preempt);
    if (refusal.isPresent()) {
      String message = refusal.get().message();
      events.warning(pod, "", refusal.get().reason(), message);
      machine.fail(
          Ending.failed(
              time.now(),
              PodDecider.grace(pod),
              refusal.get().reason(),
              "Pod was rejected: " + message));
    }
  }

  private void takeNews() {
    List<Runnable> taken;
    synchronized (news) {
      taken = new ArrayList<>(news);
      news.clear();
      woken = false;
    }
    taken.forEach(Runnable::run);
  }

  private void carryOut(PodDecision decision) {
    for (PodAction futile : machine.futile()) {
      // What is being made for a pod that is to stop would only be undone, and what stops it is
      // begun anew with less time: break it off.
      Thread maker = running.get(futile.key());
      if (maker != null) {
        maker.interrupt();
      }
    }
    for (PodDecision.Remark remark : decision.remarks()) {
      switch (remark.type()) {
        case NORMAL ->
            events.normal(machine.pod(), remark.container(), remark.reason(), remark.message());
        case WARNING ->
            events.warning(machine.pod(), remark.container(), remark.reason(), remark.message());
      }
    }
    List<SandboxView> sandboxes = sandboxes();
    for (PodAction action : decision.actions()) {
      Pod subject = machine.pod();
      running.put(
          action.key(),
          Thread.ofVirtual()
              .name("pod-" + describe() + "-" + action.key())
              .start(() -> carryOut(subject, action, sandboxes)));
    }
    if (machine.ends()) {
      probes.leave(containers());
    } else {
      probes.follow(machine.pod(), machine.status(), containers(), address(sandboxes));
    }
  }

  private void carryOut(Pod subject, PodAction action, List<SandboxView> sandboxes) {
    Optional<Failure> failure;
    try {
      failure = actions.run(subject, action, sandboxes);
    } catch (InterruptedException brokenOff) {
      Thread.currentThread().interrupt();
      failure = Optional.of(new Failure("Interrupted", "broken off", time.now(), time.now()));
    } catch (RuntimeException unexpected) {
      LOG.error("Pod {}: {} failed", describe(), action.key(), unexpected);
      failure =
          Optional.of(
              new Failure(
                  "InternalError",
                  String.valueOf(unexpected.getMessage()),
                  time.now(),
                  time.now().plus(Duration.ofSeconds(10))));
    }
    Optional<Failure> outcome = failure;
    tell(
        () -> {
          running.remove(action.key());
          machine.completed(action, outcome);
        },
        action.reachesRuntime());
  }

  private void await(Instant until) throws InterruptedException {
    Time.Timer timer =
        time.after(
            Duration.ofNanos(Math.max(1, Duration.between(time.now(), until).toNanos())),
            this::wake);
    synchronized (news) {
      while (!woken && !stopped) {
        news.wait();
      }
    }
    timer.cancel();
  }

  private String address(List<SandboxView> sandboxes) {
    if (Boolean.TRUE.equals(machine.pod().getSpec().getHostNetwork())) {
      return machine.status().getHostIP();
    }
    return sandboxes.stream()
        .filter(sandbox -> sandbox.ready() && !sandbox.addresses().isEmpty())
        .map(sandbox -> sandbox.addresses().getFirst())
        .findFirst()
        .orElse("");
  }

  private String describe() {
    return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
  }
}
