package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.pod.PodMachine;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the newest status of one pod written, one write at a time: at once where somebody may wait
 * for it, else when it is its turn. Owned by the worker's thread.
 */
final class StatusReporter {
  private static final Logger LOG = LoggerFactory.getLogger(StatusReporter.class);
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final PodMachine machine;
  private final PodWorker.StatusSink sink;
  private final Turns turns;
  private final Time time;
  private final Consumer<Runnable> worker;
  private boolean writing;
  private @Nullable Instant retryAt;
  private @Nullable Instant turn;

  /**
   * Reports for this machine.
   *
   * @param worker takes the end of a write to the worker's thread
   */
  StatusReporter(
      PodMachine machine,
      PodWorker.StatusSink sink,
      Turns turns,
      Time time,
      Consumer<Runnable> worker) {
    this.machine = machine;
    this.sink = sink;
    this.turns = turns;
    this.time = time;
    this.worker = worker;
  }

  /** Begins a write where there is one to begin; returns when to look again. */
  Instant report(Instant wakeAt) {
    if (writing) {
      return wakeAt;
    }
    if (!machine.unrecorded()) {
      turn = null;
      return wakeAt;
    }
    Instant now = time.now();
    Optional<Instant> later =
        Optional.ofNullable(retryAt)
            .filter(now::isBefore)
            .or(() -> machine.holdsBack(now))
            .or(() -> awaitsTurn(now));
    if (later.isPresent()) {
      return later.get().isBefore(wakeAt) ? later.get() : wakeAt;
    }
    writing = true;
    turn = null;
    Pod subject = machine.pod();
    PodStatus status = machine.recording();
    Thread.ofVirtual()
        .name("pod-" + subject.getMetadata().getName() + "-status")
        .start(() -> write(subject, status));
    return wakeAt;
  }

  private Optional<Instant> awaitsTurn(Instant now) {
    if (machine.presses()) {
      return Optional.empty();
    }
    @Nullable Instant mine = turn;
    if (mine == null) {
      mine = turns.next(now);
      turn = mine;
    }
    return Optional.of(mine).filter(now::isBefore);
  }

  private void write(Pod subject, PodStatus status) {
    boolean written = false;
    try {
      written = sink.write(subject, status);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException unexpected) {
      LOG.error(
          "Pod {}/{}: its status cannot be written",
          subject.getMetadata().getNamespace(),
          subject.getMetadata().getName(),
          unexpected);
    }
    boolean taken = written;
    worker.accept(() -> {
      writing = false;
      retryAt = taken ? null : time.now().plus(RETRY);
      machine.recorded(taken);
    });
  }
}
