package dev.coxswain.kubelet.pod;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How far the init containers of the newest sandbox are. */
final class Initialization {
  private Initialization() {}

  /** The init containers that are not through yet; none once the main containers may run. */
  static List<String> incomplete(PodView view) {
    List<String> names = new ArrayList<>();
    for (Member member : Member.of(view.pod())) {
      if (!through(view, member)) {
        names.add(member.name());
      }
    }
    boolean begun = view.sandbox().filter(sandbox -> mainBegun(view, sandbox)).isPresent();
    return begun ? List.of() : names;
  }

  /** A main container in a sandbox proves that its init containers were through. */
  static boolean mainBegun(PodView view, SandboxView sandbox) {
    return view.pod().getSpec().getContainers().stream()
        .anyMatch(container -> view.newestIn(sandbox.id(), container.getName()).isPresent());
  }

  private static boolean through(PodView view, Member member) {
    Optional<ContainerView> newest = view.lastRun(member.name());
    return switch (member.kind()) {
      case INIT -> newest.isPresent() && newest.get().exited() && newest.get().exitCode() == 0;
      case SIDECAR ->
          newest.isPresent() && newest.get().alive() && view.health(newest.get()).started();
      case MAIN, EPHEMERAL -> true;
    };
  }
}
