package dev.coxswain.controllers.replicaset;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.object.DeletionRank;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.controllers.object.PodDeletion;
import dev.coxswain.controllers.object.PodTemplates;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.controllers.object.SlowStart;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Creates the pods that are missing and deletes those that are too many. */
final class PodCount {
  private PodCount() {}

  /** What went wrong, and whether while creating or deleting. */
  record Failure(String reason, RuntimeException cause) {}

  /** Brings the number of active pods to the wanted one; the failure, if some call failed. */
  static Optional<Failure> adjust(
      HasMetadata owner,
      PodTemplateSpec template,
      int wanted,
      List<Pod> active,
      View view,
      Actions act) {
    int missing = wanted - active.size();
    if (missing > 0) {
      return create(owner, template, missing, act);
    }
    return missing < 0
        ? delete(owner, Math.min(-missing, SlowStart.BURST), active, view, act)
        : Optional.empty();
  }

  private static Optional<Failure> create(
      HasMetadata owner, PodTemplateSpec template, int count, Actions act) {
    Runnable one = () -> createOne(owner, template, act);
    return failure("FailedCreate", SlowStart.run(Collections.nCopies(count, one), act));
  }

  private static void createOne(HasMetadata owner, PodTemplateSpec template, Actions act) {
    String name = act.generateName(Meta.name(owner) + "-");
    try {
      act.create(PodTemplates.build(template, owner, name));
      act.normal(owner, "SuccessfulCreate", "Created pod: " + name);
    } catch (ApiException refused) {
      if (refused.namespaceGoes()) {
        // The owner is about to go with its namespace: nothing anybody should look into.
        return;
      }
      act.warning(owner, "FailedCreate", "Error creating: " + refused.getMessage());
      throw refused;
    }
  }

  private static Optional<Failure> delete(
      HasMetadata owner, int count, List<Pod> active, View view, Actions act) {
    List<Runnable> deletions =
        DeletionRank.first(count, active, kinByNode(owner, active, view), view.now()).stream()
            .<Runnable>map(pod -> () -> PodDeletion.delete(owner, pod, act))
            .toList();
    return failure("FailedDelete", act.together(deletions));
  }

  /** Active pods by node, counting those of the owner's siblings: other sets of one Deployment. */
  private static Map<String, Integer> kinByNode(HasMetadata owner, List<Pod> active, View view) {
    String family = Owners.controllerUid(owner);
    @SuppressWarnings("unchecked") // an object's own class
    var type = (Class<HasMetadata>) owner.getClass();
    List<Pod> kin =
        family.isEmpty()
            ? active
            : view.controlledBy(type, family).stream()
                .flatMap(sibling -> view.controlledBy(Pod.class, Meta.uid(sibling)).stream())
                .filter(Pods::active)
                .toList();
    return kin.stream()
        .map(Pods::node)
        .filter(node -> !node.isEmpty())
        .collect(Collectors.toMap(Function.identity(), node -> 1, Integer::sum));
  }

  private static Optional<Failure> failure(String reason, List<RuntimeException> failures) {
    return failures.stream().findFirst().map(cause -> new Failure(reason, cause));
  }
}
