package dev.coxswain.controllers;

import dev.coxswain.controllers.Controllers.Selection;
import dev.coxswain.controllers.manager.ControllerManager;
import dev.coxswain.controllers.manager.ManagerMetrics;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.client.LeaderElector;
import dev.coxswain.runtime.client.ListOptions;
import dev.coxswain.runtime.client.ListWatchInformer;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The controllers while this process leads: made anew with each term, so that nothing an earlier
 * term knew is believed in a later one.
 */
final class Term implements LeaderElector.Listener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Term.class);

  private final ApiClient api;
  private final Controllers controllers;
  private final Selection selection;
  private final ControllerManager.EventSink events;
  private final ManagerMetrics metrics;
  private final Time time;
  private final Randomness random;
  private @Nullable ControllerManager manager;
  private @Nullable Thread starting;
  private @Nullable Thread ending;
  private boolean closed;
  private volatile @Nullable String failure;

  Term(
      ApiClient api,
      Controllers controllers,
      Selection selection,
      ControllerManager.EventSink events,
      ManagerMetrics metrics,
      Time time,
      Randomness random) {
    this.api = api;
    this.controllers = controllers;
    this.selection = selection;
    this.events = events;
    this.metrics = metrics;
    this.time = time;
    this.random = random;
  }

  @Override
  public synchronized void leading() {
    if (closed) {
      return;
    }
    var begun = new ControllerManager(api, this::informer, events, metrics, time, random);
    controllers.addTo(begun, selection);
    manager = begun;
    Thread before = ending;
    starting = Thread.ofVirtual().name("controllers").start(() -> run(before, begun));
  }

  /** Whoever tells must not wait; the lease is not over before the work is. */
  @Override
  public synchronized void lost() {
    ControllerManager over = takeOut();
    if (over != null) {
      Thread before = ending;
      ending = Thread.ofVirtual().name("controllers-end").start(() -> end(before, over));
    }
  }

  /** What ended before has not ended yet, maybe: who waits for this one waits for both. */
  private static void end(@Nullable Thread before, ControllerManager over) {
    over.close();
    try {
      if (before != null) {
        before.join();
      }
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    }
  }

  /** Why the controllers cannot work; empty while they do, or wait for their turn. */
  Optional<String> problem() {
    return Optional.ofNullable(failure);
  }

  /** Returns when nothing works any more, nor of a term that was lost before. */
  @Override
  public void close() {
    Thread last;
    synchronized (this) {
      closed = true;
      lost();
      last = ending;
    }
    try {
      if (last != null) {
        last.join();
      }
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    }
  }

  /** What works until now, no longer this term's; null when nothing does. */
  private synchronized @Nullable ControllerManager takeOut() {
    ControllerManager over = manager;
    manager = null;
    if (starting != null) {
      starting.interrupt();
      starting = null;
    }
    return over;
  }

  /** Two terms of one process never work at once. */
  private void run(@Nullable Thread before, ControllerManager begun) {
    try {
      if (before != null) {
        before.join();
      }
      begun.start();
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException bug) {
      failure = "the controllers did not start: " + bug;
      LOG.error("the controllers did not start", bug);
    }
  }

  private <S extends HasMetadata> Informer<S> informer(
      Class<S> type, String namespace, ListOptions options) {
    return ListWatchInformer.of(api, type, namespace, options, time, random);
  }
}
