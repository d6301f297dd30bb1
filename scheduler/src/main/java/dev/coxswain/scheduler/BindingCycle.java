package dev.coxswain.scheduler;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.scheduler.binding.Announcer;
import dev.coxswain.scheduler.cycle.Step;
import dev.coxswain.scheduler.framework.BindPlugin;
import dev.coxswain.scheduler.framework.PermitPlugin;
import dev.coxswain.scheduler.framework.PermitPlugin.Permit;
import dev.coxswain.scheduler.framework.Plugin;
import dev.coxswain.scheduler.framework.PostBindPlugin;
import dev.coxswain.scheduler.framework.PreBindPlugin;
import dev.coxswain.scheduler.framework.ReservePlugin;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.framework.WaitingPods;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A pod's way from its node to being bound: Reserve, Permit, PreBind, Bind, PostBind. */
final class BindingCycle {
  private final WaitingPods waitingPods;
  private final Announcer announcer;
  private final Places places;

  BindingCycle(WaitingPods waitingPods, Announcer announcer, Places places) {
    this.waitingPods = waitingPods;
    this.announcer = announcer;
    this.places = places;
  }

  /** How it ended. */
  sealed interface Outcome {
    /** The pod has its node. */
    record Bound() implements Outcome {}

    /** A plugin objected. */
    record Rejected(String plugin, String message) implements Outcome {}

    /** It did not work out. */
    record Failed(String message) implements Outcome {}
  }

  /** Somebody who asked for patience. */
  private record Patience(String plugin, Duration timeout) {
    String late() {
      return "rejected due to timeout after waiting "
          + timeout.toSeconds()
          + "s at plugin "
          + plugin;
    }
  }

  /** What the scheduling thread settled: an early end, or who has to be waited for. */
  record Prepared(List<Outcome> early, List<Patience> patience, CompletableFuture<String> leave) {}

  /** Reserve and Permit; on the scheduling thread, in the order in which pods found nodes. */
  Prepared prepare(Step.Bind bind) {
    try {
      return tryPrepare(bind);
    } catch (RuntimeException e) {
      // A plugin's bug must not stop the others' pods.
      return early(new Outcome.Failed(String.valueOf(e.getMessage())));
    }
  }

  private Prepared tryPrepare(Step.Bind bind) {
    List<Patience> patience = new ArrayList<>();
    for (ReservePlugin plugin : bind.profile().of(ReservePlugin.class)) {
      Verdict verdict = plugin.reserve(bind.state(), bind.pod(), bind.node());
      if (verdict instanceof Verdict.Rejected(boolean resolvable, List<String> reasons)) {
        return early(new Outcome.Rejected(plugin.name(), String.join(", ", reasons)));
      }
    }
    List<PermitPlugin> permits = bind.profile().of(PermitPlugin.class);
    if (permits.isEmpty()) {
      return new Prepared(List.of(), List.of(), CompletableFuture.completedFuture(""));
    }
    // Before they are asked: whom they put off may be let go, or given up, from that moment on.
    CompletableFuture<String> leave = waitingPods.add(bind.pod().key());
    for (PermitPlugin plugin : permits) {
      switch (plugin.permit(bind.state(), bind.pod(), bind.node())) {
        case Permit.Allow() -> {}
        case Permit.Deny(String reason) -> {
          waitingPods.forget(bind.pod().key(), leave);
          return early(new Outcome.Rejected(plugin.name(), reason));
        }
        case Permit.Wait(Duration timeout) -> patience.add(new Patience(plugin.name(), timeout));
      }
    }
    if (patience.isEmpty()) {
      waitingPods.forget(bind.pod().key(), leave);
    }
    return new Prepared(List.of(), patience, leave);
  }

  private static Prepared early(Outcome outcome) {
    return new Prepared(List.of(outcome), List.of(), CompletableFuture.completedFuture(""));
  }

  /** Has nothing more said of why a pod waits. */
  @FunctionalInterface
  interface Silence {
    /** Returns once that is so. */
    void keep(ObjectKey pod) throws InterruptedException;
  }

  /**
   * The rest; blocks.
   *
   * @param silence kept before the pod is bound
   */
  Outcome run(Step.Bind bind, Prepared prepared, Silence silence) {
    Outcome outcome;
    try {
      silence.keep(bind.pod().key());
      outcome = tryRun(bind, prepared);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      outcome = new Outcome.Failed("interrupted");
    } catch (RuntimeException e) {
      outcome = new Outcome.Failed(String.valueOf(e.getMessage()));
    }
    if (!(outcome instanceof Outcome.Bound)) {
      bind.profile()
          .of(ReservePlugin.class)
          .reversed()
          .forEach(plugin -> plugin.unreserve(bind.state(), bind.pod(), bind.node()));
    }
    return outcome;
  }

  private Outcome tryRun(Step.Bind bind, Prepared prepared) throws InterruptedException {
    if (!prepared.early().isEmpty()) {
      return prepared.early().getFirst();
    }
    for (Patience patience : prepared.patience()) {
      String objection =
          places.without(() ->
              waitingPods.await(
                  bind.pod().key(), prepared.leave(), patience.timeout(), patience.late()));
      if (!objection.isEmpty()) {
        return new Outcome.Rejected(patience.plugin(), objection);
      }
    }
    for (PreBindPlugin plugin : bind.profile().of(PreBindPlugin.class)) {
      Places.Wait<Verdict> preBind = () -> plugin.preBind(bind.state(), bind.pod(), bind.node());
      Verdict verdict;
      try {
        verdict =
            plugin.waits(bind.state(), bind.pod(), bind.node())
                ? places.without(preBind)
                : preBind.run();
      } catch (RuntimeException e) {
        return failed("PreBind", plugin, e);
      }
      if (verdict instanceof Verdict.Rejected(boolean resolvable, List<String> reasons)) {
        return new Outcome.Rejected(plugin.name(), String.join(", ", reasons));
      }
    }
    for (BindPlugin plugin : bind.profile().of(BindPlugin.class)) {
      boolean bound;
      try {
        bound = plugin.bind(bind.state(), bind.pod(), bind.node());
      } catch (RuntimeException e) {
        return failed("Bind", plugin, e);
      }
      if (bound) {
        announcer.event(
            bind.profile().schedulerName(),
            bind.pod(),
            false,
            "Scheduled",
            "Successfully assigned " + bind.pod().key() + " to " + bind.node());
        bind.profile()
            .of(PostBindPlugin.class)
            .forEach(after -> after.postBind(bind.state(), bind.pod(), bind.node()));
        return new Outcome.Bound();
      }
    }
    return new Outcome.Failed("no plugin binds the pod");
  }

  /** In upstream's words, which people look for. */
  private static Outcome failed(String at, Plugin plugin, RuntimeException why) {
    return new Outcome.Failed(
        "running " + at + " plugin \"" + plugin.name() + "\": " + why.getMessage());
  }
}
