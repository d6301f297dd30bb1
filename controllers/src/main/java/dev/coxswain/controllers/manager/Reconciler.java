package dev.coxswain.controllers.manager;

import dev.coxswain.api.meta.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;

/**
 * One controller: what wakes it, and what it does for one object when it is woken. It is
 * level-triggered: it looks at what is, never at what happened, so that a lost or doubled wake-up
 * does no harm. It keeps no state between calls; several keys are reconciled at the same time, one
 * key never twice at once.
 *
 * <p>The {@link View} a call is given already shows everything that earlier calls for the same key
 * wrote, so a controller may count what it sees without counting twice.
 */
public interface Reconciler<T extends HasMetadata> {

  /** The name under which {@code --controllers} turns it on and off, and metrics report it. */
  String name();

  /** What wakes it and what it reads. */
  Watches<T> watches();

  /**
   * Brings the cluster one step nearer to what the object wants.
   *
   * @throws dev.coxswain.api.status.ApiException as the actions throw it; the key is retried with
   *     back-off
   */
  Outcome reconcile(T wanted, View view, Actions act);

  /** Called in place of {@link #reconcile} when there is no such object any more. */
  default Outcome gone(ObjectKey key, View view, Actions act) {
    return Outcome.done();
  }
}
