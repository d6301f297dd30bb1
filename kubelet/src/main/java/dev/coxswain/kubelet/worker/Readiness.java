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

  /** Asks the runtime. */
  public Readiness(ContainerRuntime runtime, Relist relist) {
    this.runtime = runtime;
    this.relist = relist;
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
    return problems.isEmpty()
        ? Optional.empty()
        : Optional.of("[" + String.join(", ", problems) + "]");
  }
}
