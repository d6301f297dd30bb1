package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.proto.cri.RuntimeCondition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Why the node cannot run pods, in upstream's words. */
public final class Readiness implements Supplier<Optional<String>> {
  private final ContainerRuntime runtime;
  private final Relist relist;
  private final Supplier<Optional<String>> leaving;

  /**
   * Asks the runtime.
   *
   * @param leaving why the node is about to go; empty while it is not
   */
  public Readiness(ContainerRuntime runtime, Relist relist, Supplier<Optional<String>> leaving) {
    this.runtime = runtime;
    this.relist = relist;
    this.leaving = leaving;
  }

  @Override
  public Optional<String> get() {
    List<String> problems = new ArrayList<>();
    try {
      for (RuntimeCondition condition : runtime.status().getConditionsList()) {
        if (!condition.getStatus()) {
          String part =
              switch (condition.getType()) {
                case "RuntimeReady" -> "container runtime not ready: RuntimeReady=false";
                case "NetworkReady" -> "container runtime network not ready: NetworkReady=false";
                default -> "";
              };
          if (!part.isEmpty()) {
            problems.add(
                part + " reason:" + condition.getReason() + " message:" + condition.getMessage());
          }
        }
      }
      if (!relist.healthy()) {
        problems.add("PLEG is not healthy: pods have not been listed yet");
      }
    } catch (CriException down) {
      problems.add("container runtime is down: " + down.getMessage());
    }
    leaving.get().ifPresent(problems::add);
    return switch (problems.size()) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(problems.getFirst());
      default -> Optional.of("[" + String.join(", ", problems) + "]");
    };
  }
}
