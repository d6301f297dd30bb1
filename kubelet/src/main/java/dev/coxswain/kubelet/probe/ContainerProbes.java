package dev.coxswain.kubelet.probe;

import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.kubelet.pod.Health;
import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Probe;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The probes of one running container, each on a virtual thread of its own. */
final class ContainerProbes {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerProbes.class);
  private static final int DEFAULT_PERIOD_SECONDS = 10;

  private final Pod pod;
  private final Container container;
  private final String containerId;
  private final String podAddress;
  private final Instant startedAt;
  private final Checks checks;
  private final ProbeCounts counts;
  private final PodEvents events;
  private final Time time;
  private final Consumer<Health> listener;
  private final Map<Kind, Thread> threads = new EnumMap<>(Kind.class);
  private Health health;
  private boolean leaving;
  private boolean stopped;

  ContainerProbes(
      Target target,
      Health initial,
      Checks checks,
      ProbeCounts counts,
      PodEvents events,
      Time time,
      Consumer<Health> listener) {
    this.pod = target.pod();
    this.container = target.container();
    this.containerId = target.containerId();
    this.podAddress = target.podAddress();
    this.startedAt = target.startedAt();
    this.health = initial;
    this.checks = checks;
    this.counts = counts;
    this.events = events;
    this.time = time;
    this.listener = listener;
  }

  /** What is probed. */
  record Target(
      Pod pod, Container container, String containerId, String podAddress, Instant startedAt) {}

  private enum Kind {
    STARTUP("Startup"),
    LIVENESS("Liveness"),
    READINESS("Readiness");

    private final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  void start() {
    begin(Kind.STARTUP, container.getStartupProbe());
    begin(Kind.LIVENESS, container.getLivenessProbe());
    begin(Kind.READINESS, container.getReadinessProbe());
  }

  /** From here on nothing is counted or told, not even of a check that is under way. */
  void stop() {
    synchronized (this) {
      stopped = true;
    }
    threads.values().forEach(Thread::interrupt);
  }

  /**
   * The pod is to stop: whether the container must be restarted is no longer asked. Whether it is
   * ready is, to its end: it may finish what it was given and have nothing more sent to it.
   */
  void leave() {
    synchronized (this) {
      leaving = true;
    }
    threads.forEach((kind, thread) -> {
      if (kind != Kind.READINESS) {
        thread.interrupt();
      }
    });
  }

  private void begin(Kind kind, @Nullable Probe probe) {
    if (probe != null) {
      threads.put(
          kind,
          Thread.ofVirtual()
              .name(
                  "probe-"
                      + kind.text
                      + "-"
                      + pod.getMetadata().getName()
                      + "-"
                      + container.getName())
              .start(() -> run(kind, probe)));
    }
  }

  private void run(Kind kind, Probe probe) {
    boolean initial =
        switch (kind) {
          case STARTUP -> current().started();
          case LIVENESS -> true;
          case READINESS -> current().ready();
        };
    ProbeCounter counter = new ProbeCounter(probe, initial);
    if (kind == Kind.STARTUP && initial) {
      return;
    }
    try {
      awaitDelay(probe);
      if (kind == Kind.READINESS) {
        // At once when it has started, and not a period later: it may be a long one.
        awaitStart();
      }
      while (true) {
        if (kind == Kind.STARTUP || current().started()) {
          CheckResult result = check(kind, probe);
          if (!counts(kind, result)) {
            return;
          }
          if (settle(kind, probe, counter, result)) {
            return;
          }
        }
        time.sleep(period(probe));
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** A check that fails of a bug says nothing of the container, and is not the last one. */
  private CheckResult check(Kind kind, Probe probe) throws InterruptedException {
    try {
      return checks.run(probe, container, containerId, podAddress);
    } catch (RuntimeException bug) {
      LOG.error(
          "{} probe of container {} of pod {}/{} failed of a bug: {}",
          kind.text,
          container.getName(),
          pod.getMetadata().getNamespace(),
          pod.getMetadata().getName(),
          Rounds.line(bug));
      return CheckResult.unknown(String.valueOf(bug.getMessage()));
    }
  }

  private void awaitDelay(Probe probe) throws InterruptedException {
    Integer seconds = probe.getInitialDelaySeconds();
    Instant first = startedAt.plusSeconds(seconds == null ? 0 : seconds);
    Duration wait = Duration.between(time.now(), first);
    if (wait.isPositive()) {
      time.sleep(wait);
    }
  }

  private synchronized void awaitStart() throws InterruptedException {
    while (!health.started()) {
      wait();
    }
  }

  /** Counts a result; false once nobody asks for it any more. */
  private synchronized boolean counts(Kind kind, CheckResult result) {
    boolean asked = !stopped && !(leaving && kind != Kind.READINESS);
    if (asked) {
      counts.count(pod, container.getName(), kind.text, result);
    }
    return asked;
  }

  /** Takes an outcome in; true when the probe has said its last word. */
  private boolean settle(Kind kind, Probe probe, ProbeCounter counter, CheckResult result) {
    if (result.unknown()) {
      events.warning(
          pod,
          container.getName(),
          "Unhealthy",
          kind.text
              + " probe errored and resulted in unknown state: "
              + result.failure().orElse(""));
      return false;
    }
    result
        .warning()
        .ifPresent(what ->
            events.warning(
                pod, container.getName(), "ProbeWarning", kind.text + " probe warning: " + what));
    result
        .failure()
        .ifPresent(why ->
            events.warning(
                pod, container.getName(), "Unhealthy", kind.text + " probe failed: " + why));
    if (!counter.settles(result.passed())) {
      return false;
    }
    return switch (kind) {
      case STARTUP -> {
        if (counter.verdict()) {
          change(known ->
              new Health(true, container.getReadinessProbe() == null || known.ready(), null, null));
        } else {
          fail(kind, probe);
        }
        yield true;
      }
      case LIVENESS -> {
        if (!counter.verdict()) {
          fail(kind, probe);
        }
        yield !counter.verdict();
      }
      case READINESS -> {
        boolean ready = counter.verdict();
        change(known -> new Health(known.started(), ready, known.failure(), known.graceOverride()));
        yield false;
      }
    };
  }

  private void fail(Kind kind, Probe probe) {
    Long grace = probe.getTerminationGracePeriodSeconds();
    String failure =
        "Container "
            + container.getName()
            + " failed "
            + kind.text.toLowerCase(java.util.Locale.ROOT)
            + " probe, will be restarted";
    change(known ->
        new Health(
            known.started(),
            known.ready(),
            failure,
            grace == null ? null : Duration.ofSeconds(grace)));
  }

  private synchronized Health current() {
    return health;
  }

  /** One after the other, the listener included: else one probe's word undoes another's. */
  private synchronized void change(UnaryOperator<Health> edit) {
    Health newest = edit.apply(health);
    if (!stopped && !newest.equals(health)) {
      health = newest;
      notifyAll();
      listener.accept(newest);
    }
  }

  private static Duration period(Probe probe) {
    Integer seconds = probe.getPeriodSeconds();
    return Duration.ofSeconds(seconds == null || seconds < 1 ? DEFAULT_PERIOD_SECONDS : seconds);
  }
}
