package dev.coxswain.kubelet.pod;

import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One pod's life among faults: the runtime refuses, containers and sandboxes die, the kubelet is
 * killed between any two steps of anything, writes of the status get lost. After every step the
 * promises are checked.
 */
final class Simulation {
  private final Randomness random;
  private final PodDecider decider = new PodDecider(Story.HOST);
  private final SimulatedRuntime runtime = new SimulatedRuntime();
  private final List<Job> jobs = new ArrayList<>();
  private final Set<String> unhealthy = new HashSet<>();
  private final List<String> trace = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private @Nullable Pod api;
  private Pod lastKnown;
  private @Nullable PodMachine machine;
  private boolean faults = true;
  private boolean done;

  /** An action under way: one primitive call of the runtime at a time. */
  private final class Job {
    private final PodAction action;
    private @Nullable String created;

    Job(PodAction action) {
      this.action = action;
    }

    /** Makes the next call; true when that was the last. */
    boolean advance() throws SimulatedRuntime.Refused {
      switch (action) {
        case PodAction.Prepare prepare -> maybeRefuse("volume");
        case PodAction.RunSandbox run -> {
          maybeRefuse("sandbox");
          runtime.runSandbox(run.attempt(), now);
        }
        case PodAction.StopSandbox stop -> {
          maybeRefuse("stop");
          runtime.stopSandbox(stop.id(), now);
        }
        case PodAction.RemoveSandbox remove -> runtime.removeSandbox(remove.id(), now);
        case PodAction.StartContainer start -> {
          if (created == null) {
            maybeRefuse("image");
            created =
                runtime.create(
                    start.sandboxId(),
                    start.name(),
                    start.restarts(),
                    start.backoff(),
                    Member.find(known(), start.name()).orElseThrow(),
                    now);
            return false;
          }
          runtime.start(created, now);
        }
        case PodAction.PreStop hook -> maybeRefuse("hook");
        case PodAction.StopContainer stop -> {
          checkStop(stop);
          maybeRefuse("stop");
          runtime.ends(stop.id(), 137, now);
        }
        case PodAction.Resize resize -> {
          maybeRefuse("resize");
          resize.targets().forEach(target -> runtime.resize(target.id(), target.resources()));
        }
        case PodAction.RemoveContainer remove -> runtime.remove(remove.id());
        case PodAction.Release release -> {
          if (!runtime.running().isEmpty()) {
            throw new AssertionError("volumes are taken from running containers");
          }
        }
        case PodAction.Confirm confirm -> {
          if (!runtime.running().isEmpty()) {
            throw new AssertionError("the pod is deleted while containers run");
          }
          maybeRefuse("api");
          api = null;
        }
      }
      return true;
    }
  }

  Simulation(Randomness random, Pod pod) {
    this.random = random;
    this.api = pod;
    this.lastKnown = pod;
  }

  void run(int steps) {
    for (int step = 0; step < steps && !done; step++) {
      act();
      check();
    }
    heal();
  }

  /** With no more faults the pod must get where it should be. */
  private void heal() {
    faults = false;
    boolean wanted = api != null && api.getMetadata().getDeletionTimestamp() == null;
    if (wanted && random.chance(0.5)) {
      delete();
      wanted = false;
    }
    for (int round = 0; round < 400 && !done; round++) {
      ensureKubelet();
      judgeResize(java.util.Objects.requireNonNull(machine));
      decide();
      while (!jobs.isEmpty()) {
        advance(jobs.getFirst());
      }
      record();
      finishInitContainers();
      now = now.plusSeconds(20);
      check();
    }
    if (!wanted) {
      expect(done, "a deleted pod ends");
      expect(runtime.sandboxes().isEmpty(), "no sandbox is leaked");
      expect(runtime.containers().isEmpty(), "no container is leaked");
    } else if (!PodDecider.terminal(status())) {
      for (Member member : Member.of(lastKnown)) {
        boolean runs = runtime.running().stream().anyMatch(one -> one.name().equals(member.name()));
        expect(runs || endedForGood(member), member.name() + " runs in the end");
        expect(
            runtime.hasResources(member.name(), Resizing.wanted(member.container())),
            member.name() + " has the resources that the spec gives it");
      }
    } else {
      expect(runtime.running().isEmpty(), "nothing of an ended pod runs");
    }
  }

  private boolean endedForGood(Member member) {
    Optional<ContainerView> last = view().lastRun(member.name());
    return last.isPresent() && Phase.endedForGood(view(), member, last.get());
  }

  private void finishInitContainers() {
    for (ContainerView one : runtime.running()) {
      boolean init =
          Member.find(lastKnown, one.name())
              .filter(member -> member.kind() == ContainerKind.INIT)
              .isPresent();
      if (init) {
        runtime.ends(one.id(), 0, now);
      }
    }
  }

  private void act() {
    int choice = (int) random.below(100);
    if (choice < 35) {
      ensureKubelet();
      decide();
    } else if (choice < 70) {
      if (!jobs.isEmpty()) {
        advance(jobs.get((int) random.below(jobs.size())));
      }
    } else if (choice < 72) {
      resize();
    } else if (choice < 80) {
      record();
    } else if (choice < 86) {
      now = now.plusSeconds(random.below(40));
    } else if (choice < 90) {
      note("the kubelet is killed");
      machine = null;
      jobs.clear();
    } else if (choice < 95) {
      List<ContainerView> running = runtime.running();
      if (!running.isEmpty()) {
        ContainerView victim = running.get((int) random.below(running.size()));
        int code = random.chance(0.5) ? 0 : 1;
        note(victim.name() + " " + victim.id() + " exits with " + code);
        runtime.ends(victim.id(), code, now);
      }
    } else if (choice < 97) {
      List<String> ids = runtime.sandboxIds();
      if (!ids.isEmpty()) {
        String victim = ids.get((int) random.below(ids.size()));
        note("sandbox " + victim + " dies");
        runtime.sandboxDies(victim, now);
      }
    } else if (choice < 99) {
      List<ContainerView> running = runtime.running();
      if (!running.isEmpty() && machine != null) {
        String id = running.getFirst().id();
        note("liveness of " + id + " fails");
        unhealthy.add(id);
        machine.probed(id, new Health(true, true, "failed liveness probe", null));
      }
    } else if (random.chance(0.2)) {
      delete();
    }
  }

  private Pod known() {
    return machine == null ? lastKnown : machine.pod();
  }

  private void resize() {
    if (api == null) {
      return;
    }
    String cpu = 100 + random.below(5) * 100 + "m";
    note("resized to " + cpu);
    api =
        new PodBuilder(api)
            .editSpec()
            .editFirstContainer()
            .withNewResources()
            .addToRequests("cpu", new Quantity(cpu))
            .endResources()
            .endContainer()
            .endSpec()
            .build();
    lastKnown = api;
    if (machine != null) {
      machine.shown(api, now);
      judgeResize(machine);
    }
  }

  /** There is room, or none until the node judges again. */
  private void judgeResize(PodMachine kubelet) {
    Optional<PendingResize> pending =
        faults && random.chance(0.3)
            ? Optional.of(new PendingResize(PendingResize.Reason.DEFERRED, "no room"))
            : Optional.empty();
    kubelet.resizeAsked().ifPresent(wanted -> kubelet.answered(wanted, pending));
  }

  private void delete() {
    if (api != null && api.getMetadata().getDeletionTimestamp() == null) {
      note("the pod is deleted");
      api =
          new PodBuilder(api)
              .editMetadata()
              .withDeletionTimestamp(now.plusSeconds(30).toString())
              .withDeletionGracePeriodSeconds(30L)
              .endMetadata()
              .build();
      if (machine != null) {
        machine.shown(api, now);
      }
    }
  }

  private void ensureKubelet() {
    if (machine == null) {
      note("the kubelet starts");
      Pod known = api == null ? lastKnown : api;
      machine = new PodMachine(decider, known, now);
      if (api == null) {
        machine.gone(now);
      }
      judgeResize(machine);
    }
  }

  private void decide() {
    PodMachine kubelet = java.util.Objects.requireNonNull(machine);
    if (api == null) {
      kubelet.gone(now);
    }
    PodDecision decision = kubelet.step(runtime.sandboxes(), runtime.containers(), now);
    for (PodAction action : decision.actions()) {
      note("decides " + action);
      jobs.add(new Job(action));
    }
    Set<String> keys = new HashSet<>();
    for (Job job : jobs) {
      expect(keys.add(job.action.key()), "one action at a time for " + job.action.key());
    }
    done = decision.done();
  }

  private void advance(Job job) {
    try {
      boolean last = job.advance();
      note((last ? "done " : "began ") + job.action.key());
      if (last) {
        finish(job, Optional.empty());
      }
    } catch (SimulatedRuntime.Refused refused) {
      note("refused " + job.action.key() + ": " + refused.getMessage());
      finish(
          job,
          Optional.of(
              new Failure(
                  "Failed", String.valueOf(refused.getMessage()), now, now.plusSeconds(5))));
    }
  }

  private void finish(Job job, Optional<Failure> failure) {
    jobs.remove(job);
    if (machine != null) {
      machine.completed(job.action, failure);
    }
  }

  private void record() {
    if (machine == null || api == null || !machine.unrecorded()) {
      return;
    }
    if (faults && random.chance(0.3)) {
      note("the status is lost");
      return;
    }
    PodStatus newer = machine.recording();
    checkProgress(api.getStatus(), newer);
    api = new PodBuilder(api).withStatus(newer).build();
    lastKnown = api;
    machine.recorded(true);
    note("recorded " + newer.getPhase());
  }

  private void maybeRefuse(String what) throws SimulatedRuntime.Refused {
    if (faults && random.chance(0.15)) {
      throw new SimulatedRuntime.Refused(what);
    }
  }

  /** What is healthy, wanted and in the current sandbox is never stopped. */
  private void checkStop(PodAction.StopContainer stop) {
    Optional<ContainerView> target =
        runtime.running().stream().filter(one -> one.id().equals(stop.id())).findFirst();
    if (target.isEmpty() || unhealthy.contains(stop.id())) {
      return;
    }
    boolean wanted =
        api != null
            && api.getMetadata().getDeletionTimestamp() == null
            && machine != null
            && !machine.ends()
            && !Phase.finished(view());
    boolean current =
        runtime.sandboxes().stream()
            .filter(SandboxView::ready)
            .anyMatch(one -> one.id().equals(target.get().sandboxId()));
    boolean newest =
        runtime.sandboxes().stream()
            .noneMatch(one ->
                target.get().sandboxId().compareTo(one.id()) < 0
                    && one.id().length() >= target.get().sandboxId().length());
    expect(!(wanted && current && newest), "healthy " + target.get() + " is not stopped");
  }

  private PodView view() {
    return new PodView(
        lastKnown,
        status(),
        Optional.empty(),
        runtime.sandboxes(),
        runtime.containers(),
        true,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Set.of(),
        Set.of(),
        0,
        false,
        false,
        Optional.empty(),
        Set.of(),
        false);
  }

  private PodStatus status() {
    return machine == null ? lastKnown.getStatus() : machine.status();
  }

  private void checkProgress(PodStatus before, PodStatus after) {
    expect(
        !PodDecider.terminal(before) || before.getPhase().equals(after.getPhase()),
        "a pod stays " + before.getPhase() + ", is " + after.getPhase());
    expect(
        !(before.getPhase().equals("Running") && after.getPhase().equals("Pending")),
        "a running pod is not pending again");
    Map<String, Integer> restarts = new HashMap<>();
    for (ContainerStatus one : before.getContainerStatuses()) {
      restarts.put(one.getName(), one.getRestartCount());
    }
    for (ContainerStatus one : after.getContainerStatuses()) {
      expect(
          one.getRestartCount() >= restarts.getOrDefault(one.getName(), 0),
          "restarts of " + one.getName() + " only grow");
    }
    boolean ready =
        after.getConditions().stream()
            .filter(one -> one.getType().equals("Ready"))
            .map(PodCondition::getStatus)
            .anyMatch("True"::equals);
    expect(!ready || after.getPhase().equals("Running"), "only what runs is ready");
  }

  private void check() {
    Set<String> names = new HashSet<>();
    for (ContainerView one : runtime.running()) {
      expect(names.add(one.name()), "one container of a name at a time");
    }
    expect(
        runtime.sandboxes().stream().filter(SandboxView::ready).count() <= 1,
        "one sandbox at a time");
    expect(runtime.containers().size() < 40, "old containers do not pile up");
    expect(runtime.sandboxes().size() < 12, "old sandboxes do not pile up");
  }

  private void note(String what) {
    trace.add(
        Duration.between(Instant.parse("2026-01-01T00:00:00Z"), now).toSeconds() + "s " + what);
  }

  private void expect(boolean holds, String promise) {
    if (!holds) {
      int from = Math.max(0, trace.size() - 60);
      throw new AssertionError(
          "broken: " + promise + "\n" + String.join("\n", trace.subList(from, trace.size())));
    }
  }
}
