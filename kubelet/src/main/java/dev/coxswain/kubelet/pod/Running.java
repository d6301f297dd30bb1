package dev.coxswain.kubelet.pod;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Brings a wanted pod up and keeps it up. */
final class Running {
  /** Containers of one name that are kept: the current one and, for its logs, the one before. */
  private static final int KEPT_CONTAINERS = 2;

  private static final String SANDBOX_CHANGED =
      "Pod sandbox changed, it will be killed and re-created.";

  private final PodView view;
  private final Plan plan;
  private final Duration grace;
  private final Duration longestBackOff;

  Running(PodView view, Plan plan, Duration longestBackOff) {
    this.view = view;
    this.plan = plan;
    this.longestBackOff = longestBackOff;
    this.grace = PodDecider.grace(view.pod());
  }

  void plan() {
    if (!view.prepared() && plan.mayRetry(view.prepareFailure())) {
      plan.add(new PodAction.Prepare());
    }
    Optional<SandboxView> sandbox = view.readySandbox();
    if (sandbox.isEmpty()) {
      replaceSandbox();
    } else {
      leaveOlderSandboxes(sandbox.get());
      if (keepInitialized(sandbox.get())) {
        keepMainRunning(sandbox.get());
        resize();
      }
    }
    forgetOldContainers();
  }

  private void replaceSandbox() {
    view.sandboxes().stream()
        .max(Comparator.comparingInt(SandboxView::attempt))
        .ifPresent(lost ->
            plan.remark(
                new PodDecision.Remark(
                    PodDecision.Remark.Type.NORMAL,
                    "",
                    "SandboxChanged",
                    SANDBOX_CHANGED,
                    lost.id())));
    boolean left = false;
    for (ContainerView container : view.containers()) {
      if (container.alive()) {
        left = true;
        stop(container, SANDBOX_CHANGED, true);
      }
    }
    for (SandboxView old : view.sandboxes()) {
      if (!view.stoppedSandboxes().contains(old.id())) {
        left = true;
        if (!view.anyAlive()) {
          plan.add(new PodAction.StopSandbox(old.id()));
        }
      }
    }
    if (!left && view.prepared() && plan.mayRetry(view.sandboxFailure())) {
      plan.add(new PodAction.RunSandbox(view.nextSandboxAttempt()));
    }
  }

  private void leaveOlderSandboxes(SandboxView current) {
    for (ContainerView container : view.containers()) {
      if (container.alive() && !container.sandboxId().equals(current.id())) {
        stop(container, SANDBOX_CHANGED, true);
      }
    }
    for (SandboxView old : view.sandboxes()) {
      if (!old.equals(current) && !view.stoppedSandboxes().contains(old.id())) {
        plan.add(new PodAction.StopSandbox(old.id()));
      }
    }
  }

  /** Runs the init containers in order; true once the main ones may run. */
  private boolean keepInitialized(SandboxView sandbox) {
    boolean begun = Initialization.mainBegun(view, sandbox);
    for (Member member : Member.of(view.pod())) {
      boolean through =
          switch (member.kind()) {
            case INIT -> begun || initThrough(sandbox, member);
            case SIDECAR -> keep(sandbox, member) || begun;
            case MAIN, EPHEMERAL -> true;
          };
      if (!through) {
        return false;
      }
    }
    return true;
  }

  private boolean initThrough(SandboxView sandbox, Member member) {
    Optional<ContainerView> newest = view.newestIn(sandbox.id(), member.name());
    if (newest.isPresent() && newest.get().exited() && newest.get().exitCode() == 0) {
      return true;
    }
    keep(sandbox, member);
    return false;
  }

  private void keepMainRunning(SandboxView sandbox) {
    for (Member member : Member.of(view.pod())) {
      if (member.kind() == ContainerKind.MAIN || member.kind() == ContainerKind.EPHEMERAL) {
        keep(sandbox, member);
      }
    }
  }

  private void resize() {
    List<PodAction.Resize.Target> pending = Resizing.inPlace(view);
    if (!pending.isEmpty() && plan.mayRetry(view.resizeFailure())) {
      plan.add(new PodAction.Resize(pending));
    }
  }

  /** Keeps one container running; true while it runs and has started. */
  private boolean keep(SandboxView sandbox, Member member) {
    Optional<ContainerView> found = view.newest(member.name());
    if (found.isEmpty()) {
      start(sandbox, member, 0, Duration.ZERO);
      return false;
    }
    ContainerView container = found.get();
    return switch (container.state()) {
      case CREATED -> {
        // Nobody is starting it: whoever created it died in between. It never ran.
        if (!plan.busy("start")) {
          plan.add(
              new PodAction.RemoveContainer(
                  container.id(), container.name(), container.restarts()));
        }
        yield false;
      }
      case UNKNOWN -> {
        stop(
            container,
            "Container " + member.name() + " is in unknown state, try killing it",
            false);
        yield false;
      }
      case RUNNING -> container.sandboxId().equals(sandbox.id()) && keepHealthy(container, member);
      case EXITED -> {
        restart(sandbox, member, container);
        yield false;
      }
    };
  }

  private boolean keepHealthy(ContainerView container, Member member) {
    Health health = view.health(container);
    if (health.failure() != null) {
      Duration period = health.graceOverride() == null ? grace : health.graceOverride();
      plan.add(
          new PodAction.StopContainer(
              container.id(),
              container.name(),
              period,
              health.failure(),
              true,
              PodAction.Successor.AFTER_BACKOFF));
      return false;
    }
    if (container.outdated(member)) {
      stop(
          container,
          "Container " + member.name() + " definition changed, will be restarted",
          PodAction.Successor.AT_ONCE);
      return false;
    }
    if (Resizing.restarts(view, container, member)) {
      stop(
          container,
          "Container " + member.name() + " resize requires restart",
          PodAction.Successor.AT_ONCE);
      return false;
    }
    return health.started();
  }

  private void restart(SandboxView sandbox, Member member, ContainerView ended) {
    boolean elsewhere = !ended.sandboxId().equals(sandbox.id());
    // A new sandbox runs init containers anew whatever became of them in the old one.
    boolean again = elsewhere && member.kind() == ContainerKind.INIT;
    if (!again && !Restarts.wanted(view, member, ended)) {
      return;
    }
    Instant at = again && ended.exitCode() == 0 ? ended.ended() : Restarts.at(view, ended);
    if (plan.now().isBefore(at)) {
      plan.wake(at);
      plan.remark(
          new PodDecision.Remark(
              PodDecision.Remark.Type.WARNING,
              member.name(),
              "BackOff",
              "Back-off restarting failed container " + member.name() + " in pod " + describe(),
              ended.id()));
      return;
    }
    Duration backoff =
        again && ended.exitCode() == 0 ? Duration.ZERO : Restarts.next(view, ended, longestBackOff);
    start(sandbox, member, ended.restarts() + 1, backoff);
  }

  private void start(SandboxView sandbox, Member member, int restarts, Duration backoff) {
    if (!view.prepared()) {
      return;
    }
    Optional<Failure> failure = Optional.ofNullable(view.startFailures().get(member.name()));
    if (!plan.mayRetry(failure)) {
      if (failure.get().shownReason(plan.now()).equals("ImagePullBackOff")) {
        plan.remark(
            new PodDecision.Remark(
                PodDecision.Remark.Type.NORMAL,
                member.name(),
                "BackOff",
                "Back-off pulling image \"" + failure.get().image() + "\"",
                failure.get().at().toString()));
        plan.remark(
            new PodDecision.Remark(
                PodDecision.Remark.Type.WARNING,
                member.name(),
                "Failed",
                "Error: ImagePullBackOff",
                failure.get().at().toString()));
      }
      return;
    }
    plan.add(
        new PodAction.StartContainer(
            member.name(), member.kind(), sandbox.id(), restarts, backoff));
  }

  private void stop(ContainerView container, String message, boolean hook) {
    stop(container, message, hook, PodAction.Successor.BY_POLICY);
  }

  private void stop(ContainerView container, String message, PodAction.Successor successor) {
    stop(container, message, true, successor);
  }

  private void stop(
      ContainerView container, String message, boolean hook, PodAction.Successor successor) {
    plan.add(
        new PodAction.StopContainer(
            container.id(),
            container.name(),
            grace,
            message,
            hook && container.state() == ContainerView.State.RUNNING,
            successor));
  }

  private void forgetOldContainers() {
    for (Member member : Member.of(view.pod())) {
      List<ContainerView> named = view.named(member.name());
      for (ContainerView old :
          named.subList(Math.min(KEPT_CONTAINERS, named.size()), named.size())) {
        if (old.exited() && view.exists(old)) {
          plan.add(new PodAction.RemoveContainer(old.id(), old.name(), old.restarts()));
        }
      }
    }
    for (SandboxView sandbox : view.sandboxes()) {
      boolean needed =
          sandbox.equals(view.sandboxes().getFirst())
              || view.containers().stream()
                  .anyMatch(container -> container.sandboxId().equals(sandbox.id()));
      if (!needed && view.stoppedSandboxes().contains(sandbox.id())) {
        plan.add(new PodAction.RemoveSandbox(sandbox.id()));
      }
    }
  }

  private String describe() {
    return view.pod().getMetadata().getName()
        + "_"
        + view.pod().getMetadata().getNamespace()
        + "("
        + view.pod().getMetadata().getUid()
        + ")";
  }
}
