package dev.coxswain.controllers.disruption;

import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.object.IntOrPercent;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How many pods there are meant to be, and how many of them must stay healthy.
 *
 * @param expected what the pods' controllers want together
 * @param healthy what the budget asks for
 * @param unmanaged pods without controller, which nobody expects
 */
record ExpectedPods(int expected, int healthy, List<Pod> unmanaged) {

  /** That nobody can say how many there are meant to be. */
  static final class Unknown extends Exception {
    private static final long serialVersionUID = 1;

    Unknown(String message) {
      super(message);
    }
  }

  static ExpectedPods of(PodDisruptionBudget budget, List<Pod> pods, View view, Scales others)
      throws Unknown {
    var most = budget.getSpec().getMaxUnavailable();
    var least = budget.getSpec().getMinAvailable();
    if (most != null) {
      ExpectedPods scale = scale(pods, view, others);
      int unavailable = IntOrPercent.up(most, scale.expected, 0);
      return new ExpectedPods(
          scale.expected, Math.max(0, scale.expected - unavailable), scale.unmanaged);
    }
    if (least != null && least.getIntVal() == null) {
      ExpectedPods scale = scale(pods, view, others);
      return new ExpectedPods(
          scale.expected, IntOrPercent.up(least, scale.expected, 0), scale.unmanaged);
    }
    return new ExpectedPods(pods.size(), IntOrPercent.up(least, pods.size(), 0), List.of());
  }

  private static ExpectedPods scale(List<Pod> pods, View view, Scales others) throws Unknown {
    var scales = new HashMap<String, Integer>();
    for (Pod pod : pods) {
      Optional<OwnerReference> controller = Owners.controller(pod);
      // Another pod may have told already, and it may have to be asked for.
      if (controller.isPresent() && !scales.containsKey(controller.get().getUid())) {
        Scale scale =
            scale(controller.get(), Meta.namespace(pod), view, others)
                .orElseThrow(
                    () -> new Unknown("found no controllers for pod \"" + Meta.name(pod) + "\""));
        scales.put(scale.uid(), scale.replicas());
      }
    }
    return new ExpectedPods(
        scales.values().stream().mapToInt(Integer::intValue).sum(),
        0,
        pods.stream().filter(pod -> Owners.controller(pod).isEmpty()).toList());
  }

  private record Scale(String uid, int replicas) {}

  private static Optional<Scale> scale(
      OwnerReference owner, String namespace, View view, Scales others) throws Unknown {
    var key = new ObjectKey(namespace, owner.getName());
    return switch (kind(owner)) {
      case "ReplicationController" ->
          find(ReplicationController.class, key, owner, view)
              .map(found -> scale(owner, found.getSpec().getReplicas()));
      case "StatefulSet.apps" ->
          find(StatefulSet.class, key, owner, view)
              .map(found -> scale(owner, found.getSpec().getReplicas()));
      case "Deployment.apps" ->
          find(Deployment.class, key, owner, view)
              .map(found -> scale(owner, found.getSpec().getReplicas()));
      case "ReplicaSet.apps" -> {
        Optional<ReplicaSet> set = find(ReplicaSet.class, key, owner, view);
        // A set of somebody else's says itself how many it wants, whatever stands above it.
        Optional<OwnerReference> above =
            set.flatMap(Owners::controller)
                .filter(controller -> kind(controller).equals("Deployment.apps"));
        yield above.isPresent()
            ? scale(above.get(), namespace, view, others)
            : set.map(found -> scale(owner, found.getSpec().getReplicas()));
      }
      default -> others.replicas(owner, namespace).map(replicas -> scale(owner, replicas));
    };
  }

  private static String kind(OwnerReference owner) {
    String group = GroupVersionKind.of(owner.getApiVersion(), "").group();
    return owner.getKind() + (group.isEmpty() ? "" : "." + group);
  }

  private static Scale scale(OwnerReference owner, @Nullable Integer replicas) {
    return new Scale(owner.getUid(), Meta.number(replicas, 1));
  }

  private static <S extends HasMetadata> Optional<S> find(
      Class<S> type, ObjectKey key, OwnerReference owner, View view) {
    return view.find(type, key).filter(found -> Meta.uid(found).equals(owner.getUid()));
  }
}
