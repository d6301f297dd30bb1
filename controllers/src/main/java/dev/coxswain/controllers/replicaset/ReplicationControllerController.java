package dev.coxswain.controllers.replicaset;

import dev.coxswain.api.json.Json;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Selectors;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.ReplicationControllerBuilder;
import io.fabric8.kubernetes.api.model.ReplicationControllerStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatus;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** ReplicationController, the elder of ReplicaSet: run as one, its selector a map of labels. */
public final class ReplicationControllerController implements Reconciler<ReplicationController> {

  @Override
  public String name() {
    return "replicationcontroller-controller";
  }

  @Override
  public Watches<ReplicationController> watches() {
    return Watches.of(ReplicationController.class)
        .claimed(Pod.class, (wanted, pod) -> selects(wanted, Meta.labels(pod)));
  }

  @Override
  public Outcome reconcile(ReplicationController wanted, View view, Actions act) {
    return ReplicaSetController.reconcile(
        wanted,
        asSet(wanted),
        status -> {
          ReplicationControllerStatus own = convert(status, ReplicationControllerStatus.class);
          if (!own.equals(wanted.getStatus())) {
            act.updateStatus(new ReplicationControllerBuilder(wanted).withStatus(own).build());
          }
        },
        view,
        act);
  }

  /** No labels select nothing. */
  private static boolean selects(ReplicationController wanted, Map<String, String> labels) {
    Map<String, String> selector = Meta.map(wanted.getSpec().getSelector());
    return !selector.isEmpty() && Selectors.contains(labels, selector);
  }

  private static ReplicaSet asSet(ReplicationController wanted) {
    var spec = wanted.getSpec();
    var set =
        new ReplicaSetBuilder()
            .withMetadata(wanted.getMetadata())
            .withNewSpec()
            .withReplicas(spec.getReplicas())
            .withMinReadySeconds(spec.getMinReadySeconds())
            .withTemplate(spec.getTemplate())
            .endSpec()
            .build();
    Map<String, String> labels = Meta.map(spec.getSelector());
    if (!labels.isEmpty()) {
      set.getSpec().setSelector(new LabelSelectorBuilder().withMatchLabels(labels).build());
    }
    if (wanted.getStatus() != null) {
      set.setStatus(convert(wanted.getStatus(), ReplicaSetStatus.class));
    }
    return set;
  }

  /** The fields of the two statuses have the same names. */
  private static <R> R convert(Object status, Class<R> type) {
    return Json.mapper().treeToValue(Json.mapper().<JsonNode>valueToTree(status), type);
  }
}
