package dev.coxswain.controllers.serviceaccount;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import java.util.List;

/** Gives every namespace its {@code default} service account, and gives it back when deleted. */
public final class ServiceAccountController implements Reconciler<Namespace> {
  private static final String DEFAULT = "default";

  @Override
  public String name() {
    return "serviceaccount-controller";
  }

  @Override
  public Watches<Namespace> watches() {
    return Watches.of(Namespace.class)
        .on(
            ServiceAccount.class,
            (change, view) ->
                change.after() == null && Meta.name(change.latest()).equals(DEFAULT)
                    ? List.of(ObjectKey.cluster(Meta.namespace(change.latest())))
                    : List.of());
  }

  @Override
  public Outcome reconcile(Namespace wanted, View view, Actions act) {
    var key = new ObjectKey(Meta.name(wanted), DEFAULT);
    if (!Meta.deleting(wanted) && view.find(ServiceAccount.class, key).isEmpty()) {
      act.create(
          new ServiceAccountBuilder()
              .withNewMetadata()
              .withNamespace(key.namespace())
              .withName(key.name())
              .endMetadata()
              .build());
    }
    return Outcome.done();
  }
}
