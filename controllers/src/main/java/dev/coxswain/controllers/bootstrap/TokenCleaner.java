package dev.coxswain.controllers.bootstrap;

import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Deletes tokens that have expired. */
public final class TokenCleaner implements Reconciler<Secret> {

  @Override
  public String name() {
    return "token-cleaner-controller";
  }

  @Override
  public Watches<Secret> watches() {
    return Watches.of(Secret.class);
  }

  @Override
  public Outcome reconcile(Secret wanted, View view, Actions act) {
    Optional<Instant> end = BootstrapToken.of(wanted).flatMap(BootstrapToken::expires);
    if (end.isEmpty() || Meta.deleting(wanted)) {
      return Outcome.done();
    }
    Duration left = Duration.between(view.now(), end.get());
    if (left.isPositive()) {
      return Outcome.again(left);
    }
    act.delete(wanted);
    return Outcome.done();
  }
}
