package dev.coxswain.controllers.manager;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One controller as a step machine: a change gives the keys it wakes, a step reconciles one key. It
 * has no threads and no queue, so that the manager can drive it for real and a simulation in
 * whatever order its seed says.
 */
final class ControllerLoop<T extends HasMetadata> {
  private static final Logger LOG = LoggerFactory.getLogger(ControllerLoop.class);

  private final Reconciler<T> reconciler;
  private final Watches<T> watches;
  private final View view;
  private final PendingWrites pending;
  private final BiFunction<ObjectKey, PendingWrites, Actions> actions;

  ControllerLoop(
      Reconciler<T> reconciler,
      View view,
      ApiClient api,
      Time time,
      BiFunction<ObjectKey, PendingWrites, Actions> actions) {
    this.reconciler = reconciler;
    this.watches = reconciler.watches();
    this.view = view;
    this.pending = new PendingWrites(view, api, time);
    this.actions = actions;
  }

  String name() {
    return reconciler.name();
  }

  Watches<T> watches() {
    return watches;
  }

  /** The keys to reconcile after a cache has taken in a change. */
  <S extends HasMetadata> Set<ObjectKey> woken(Class<S> type, Change<S> change) {
    var keys = new LinkedHashSet<>(watches.woken(type, change, view));
    keys.addAll(pending.waitingFor(type, Meta.key(change.latest())));
    return keys;
  }

  /** Has what is no cache wake keys from now on. */
  void heed(Consumer<ObjectKey> wake) {
    watches.heed(view, wake);
  }

  /** Reconciles one key, or says how long to wait for the caches to show its last writes. */
  Outcome step(ObjectKey key) {
    Optional<Duration> wait = pending.awaited(key);
    if (wait.isPresent()) {
      return Outcome.again(wait.get());
    }
    Actions act = actions.apply(key, pending);
    Optional<T> wanted = view.find(watches.type(), key);
    try {
      return wanted.isPresent()
          ? reconciler.reconcile(wanted.get(), view, act)
          : reconciler.gone(key, view, act);
    } catch (ApiException refused) {
      // An object that goes with its namespace: trying again could only fail until it is gone.
      if (refused.namespaceGoes() && !key.namespace().isEmpty()) {
        LOG.debug("{} {}: {}", name(), key, refused.getMessage());
        return Outcome.done();
      }
      throw refused;
    }
  }
}
