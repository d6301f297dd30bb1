package dev.coxswain.controllers.rootca;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Namespace;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keeps the ConfigMap in every namespace by which pods verify the API server. */
public final class RootCaPublisher implements Reconciler<Namespace> {
  private static final String NAME = "kube-root-ca.crt";
  private static final String FILE = "ca.crt";

  private final String certificates;

  /**
   * @param certificates the certificate authority, as PEM
   */
  public RootCaPublisher(String certificates) {
    this.certificates = certificates;
  }

  @Override
  public String name() {
    return "root-ca-certificate-publisher-controller";
  }

  @Override
  public Watches<Namespace> watches() {
    return Watches.of(Namespace.class)
        .on(
            ConfigMap.class,
            (change, view) ->
                Meta.name(change.latest()).equals(NAME)
                    ? List.of(ObjectKey.cluster(Meta.namespace(change.latest())))
                    : List.of());
  }

  @Override
  public Outcome reconcile(Namespace wanted, View view, Actions act) {
    if (Meta.deleting(wanted)) {
      return Outcome.done();
    }
    Optional<ConfigMap> current =
        view.find(ConfigMap.class, new ObjectKey(Meta.name(wanted), NAME));
    Map<String, String> data = Map.of(FILE, certificates);
    if (current.isEmpty()) {
      act.create(
          new ConfigMapBuilder()
              .withNewMetadata()
              .withNamespace(Meta.name(wanted))
              .withName(NAME)
              .addToAnnotations(
                  "kubernetes.io/description",
                  "The certificates by which connections to this cluster's API server at its"
                      + " internal names are verified. For no other use.")
              .endMetadata()
              .withData(data)
              .build());
    } else if (!data.equals(current.get().getData())) {
      act.update(new ConfigMapBuilder(current.get()).withData(data).build());
    }
    return Outcome.done();
  }
}
