package dev.coxswain.kubelet.pod;

import java.util.Optional;

/** The pod's phase, from its containers. */
final class Phase {
  private Phase() {}

  /** Whether nothing of the pod will ever run again by its own spec. */
  static boolean finished(PodView view) {
    boolean anyMain = false;
    for (Member member : Member.of(view.pod())) {
      Optional<ContainerView> newest = view.lastRun(member.name());
      switch (member.kind()) {
        case INIT -> {
          if (failedForGood(view, member, newest)) {
            return true;
          }
        }
        case MAIN -> {
          anyMain = true;
          if (newest.isEmpty() || !endedForGood(view, member, newest.get())) {
            return false;
          }
        }
        case SIDECAR, EPHEMERAL -> {}
      }
    }
    return anyMain;
  }

  /** Whether an init container failed and is not tried again. */
  static boolean failedForGood(PodView view, Member member, Optional<ContainerView> newest) {
    return newest.isPresent()
        && newest.get().exitCode() != 0
        && endedForGood(view, member, newest.get());
  }

  static boolean endedForGood(PodView view, Member member, ContainerView newest) {
    return newest.exited() && !Restarts.wanted(view, member, newest);
  }

  /** Upstream's phase for a pod that is not ended from outside. */
  static String of(PodView view) {
    if (PodDecider.terminal(view.status())) {
      return view.status().getPhase();
    }
    int waiting = 0;
    int running = 0;
    int ended = 0;
    int failed = 0;
    boolean initDone = Initialization.incomplete(view).isEmpty();
    for (Member member : Member.of(view.pod())) {
      Optional<ContainerView> newest = view.lastRun(member.name());
      if (member.kind() == ContainerKind.INIT && failedForGood(view, member, newest)) {
        return "Failed";
      }
      if (member.kind() != ContainerKind.MAIN) {
        continue;
      }
      if (newest.isEmpty()) {
        waiting++;
      } else if (newest.get().alive()) {
        running++;
      } else {
        ended++;
        if (newest.get().exitCode() != 0) {
          failed++;
        }
      }
    }
    if (!initDone && running == 0 && ended == 0) {
      return "Pending";
    }
    if (waiting > 0) {
      // It runs once each of its containers has, however many do already.
      return "Pending";
    }
    if (running == 0 && finished(view)) {
      return failed > 0 ? "Failed" : "Succeeded";
    }
    return "Running";
  }
}
