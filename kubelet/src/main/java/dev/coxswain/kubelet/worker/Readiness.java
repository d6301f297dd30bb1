package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.proto.cri.RuntimeCondition;
import dev.coxswain.proto.cri.RuntimeStatus;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Why the node cannot run pods, in upstream's words. Asked by one thread. */
public final class Readiness implements Supplier<Optional<String>> {
  /**
   * For how long a runtime that answered may be away: nodes whose runtime is restarted keep their
   * pods. Upstream's threshold.
   */
  private static final Duration AWAY = Duration.ofSeconds(30);

  private final Supplier<RuntimeStatus> runtime;
  private final BooleanSupplier listed;
  private final Supplier<Optional<String>> leaving;
  private final Time time;
  private @Nullable Instant answered;

  /**
   * Asks the runtime.
   *
   * @param runtime asks it for its status
   * @param listed whether it has lately told what it has of pods
   * @param leaving why the node is about to go; empty while it is not
   */
  public Readiness(
      Supplier<RuntimeStatus> runtime,
      BooleanSupplier listed,
      Supplier<Optional<String>> leaving,
      Time time) {
    this.runtime = runtime;
    this.listed = listed;
    this.leaving = leaving;
    this.time = time;
  }

  @Override
  public Optional<String> get() {
    List<String> problems = new ArrayList<>();
    try {
      RuntimeStatus status = runtime.get();
      answered = time.now();
      for (RuntimeCondition condition : status.getConditionsList()) {
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
      if (!listed.getAsBoolean()) {
        problems.add("PLEG is not healthy: pods have not been listed yet");
      }
    } catch (CriException down) {
      if (answered == null || answered.plus(AWAY).isBefore(time.now())) {
        problems.add("container runtime is down: " + down.getMessage());
      }
    }
    leaving.get().ifPresent(problems::add);
    return switch (problems.size()) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(problems.getFirst());
      default -> Optional.of("[" + String.join(", ", problems) + "]");
    };
  }
}
