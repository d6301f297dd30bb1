package dev.coxswain.kubelet.pod;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Takes a pod down: containers, then sidecars, then sandboxes, then everything it held. */
final class Stopping {
  private final PodView view;
  private final Plan plan;
  private final Ending ending;

  Stopping(PodView view, Plan plan, Ending ending) {
    this.view = view;
    this.plan = plan;
    this.ending = ending;
  }

  /** Plans the next step; true once nothing of the pod is left. */
  boolean plan() {
    if (stopContainers() || view.creating() || stopSandboxes()) {
      return false;
    }
    if (!view.released()) {
      plan.add(new PodAction.Release());
      return false;
    }
    if (!ending.deleted()) {
      return false;
    }
    if (!view.confirmed() && plan.mayRetry(view.confirmFailure())) {
      plan.add(new PodAction.Confirm());
    }
    for (SandboxView sandbox : view.sandboxes()) {
      plan.add(new PodAction.RemoveSandbox(sandbox.id()));
    }
    return view.confirmed() && view.sandboxes().isEmpty() && view.inFlight().isEmpty();
  }

  /** Stops what runs; true while something does. */
  private boolean stopContainers() {
    List<ContainerView> sidecars = new ArrayList<>();
    boolean othersAlive = false;
    for (Member member : Member.of(view.pod())) {
      for (ContainerView container : view.named(member.name())) {
        if (!container.alive()) {
          continue;
        }
        if (member.kind() == ContainerKind.SIDECAR) {
          sidecars.addFirst(container);
        } else {
          othersAlive = true;
          stop(container);
        }
      }
    }
    for (ContainerView container : view.containers()) {
      if (container.alive() && Member.find(view.pod(), container.name()).isEmpty()) {
        othersAlive = true;
        stop(container);
      }
    }
    // Sidecars serve the main containers to their end, then leave in the reverse of their order.
    // That the pod stops they are all told at once.
    boolean turn = !othersAlive;
    for (ContainerView sidecar : sidecars) {
      if (turn) {
        stop(sidecar);
      } else {
        tell(sidecar);
      }
      turn = false;
    }
    return othersAlive || !sidecars.isEmpty();
  }

  private void tell(ContainerView container) {
    boolean hook =
        Member.find(view.pod(), container.name())
            .map(member -> member.container().getLifecycle())
            .filter(lifecycle -> lifecycle.getPreStop() != null)
            .isPresent();
    Duration grace = ending.remaining(plan.now());
    if (hook && mayHook(container) && grace.isPositive()) {
      plan.add(new PodAction.PreStop(container.id(), container.name(), grace));
    }
  }

  private boolean mayHook(ContainerView container) {
    return container.state() == ContainerView.State.RUNNING
        && !view.preStopped().contains(container.id());
  }

  private void stop(ContainerView container) {
    Duration grace = ending.remaining(plan.now());
    boolean hooking = plan.busy(PodAction.PreStop.key(container.id()));
    Instant end = ending.since().plus(ending.grace());
    if (hooking && plan.now().isBefore(end)) {
      plan.wake(end);
      return;
    }
    plan.add(
        new PodAction.StopContainer(
            container.id(),
            container.name(),
            grace,
            "Stopping container " + container.name(),
            mayHook(container) && !hooking,
            PodAction.Successor.BY_POLICY));
  }

  private boolean stopSandboxes() {
    boolean left = false;
    for (SandboxView sandbox : view.sandboxes()) {
      if (sandbox.ready() || !view.stoppedSandboxes().contains(sandbox.id())) {
        left = true;
        plan.add(new PodAction.StopSandbox(sandbox.id()));
      }
    }
    return left;
  }
}
