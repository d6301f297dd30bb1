package dev.coxswain.controllers.deployment;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.controllers.object.TemplateHash;
import dev.coxswain.runtime.client.Patch;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The set that runs a Deployment's template: found, kept in step, or made. */
final class CurrentSet {
  private CurrentSet() {}

  /** The oldest of the sets that have the Deployment's template. */
  static Optional<ReplicaSet> find(Deployment deployment, List<ReplicaSet> sets) {
    return sets.stream()
        .filter(set ->
            TemplateHash.same(set.getSpec().getTemplate(), deployment.getSpec().getTemplate()))
        .min(Comparator.comparing(Meta::created).thenComparing(Meta::name));
  }

  /** Brings a found set's annotations and minReadySeconds in step with the Deployment. */
  static ReplicaSet keepInStep(
      Deployment deployment, ReplicaSet set, List<ReplicaSet> old, Actions act) {
    Map<String, String> annotations =
        Revisions.ofCurrentSet(
            deployment, Meta.annotations(set), Math.max(Revisions.of(set), nextRevision(old)));
    Integer minReadySeconds = deployment.getSpec().getMinReadySeconds();
    if (annotations.equals(Meta.annotations(set))
        && Meta.number(minReadySeconds, 0) == Meta.number(set.getSpec().getMinReadySeconds(), 0)) {
      return set;
    }
    return act.update(
        new ReplicaSetBuilder(set)
            .editMetadata()
            .withAnnotations(annotations)
            .endMetadata()
            .editSpec()
            .withMinReadySeconds(minReadySeconds)
            .endSpec()
            .build());
  }

  /**
   * Makes the set of the Deployment's template. Its name is made of the template alone, so that
   * making it twice meets itself.
   *
   * @throws ApiException when the name is taken by another template's set, after the collision was
   *     counted: the next try makes another name
   */
  static ReplicaSet create(
      Deployment deployment, List<ReplicaSet> old, Conditions conditions, Actions act) {
    DeploymentStatus status = deployment.getStatus();
    int collisions = status == null ? 0 : Meta.number(status.getCollisionCount(), 0);
    String hash = TemplateHash.of(deployment.getSpec().getTemplate(), collisions);
    int size = RolloutMath.grown(deployment, old, 0);
    ReplicaSet wanted = fresh(deployment, hash, size, nextRevision(old));
    try {
      ReplicaSet created = act.create(wanted);
      if (size > 0) {
        act.normal(
            deployment,
            "ScalingReplicaSet",
            "Scaled up replica set %s from 0 to %d".formatted(Meta.name(created), size));
      }
      conditions.set(
          Conditions.PROGRESSING,
          "True",
          "NewReplicaSetCreated",
          "Created new replica set \"" + Meta.name(created) + "\"");
      return created;
    } catch (ApiException refused) {
      if (refused.is(StatusReason.ALREADY_EXISTS)) {
        return existing(deployment, wanted, collisions, act, refused);
      }
      if (Progress.hasDeadline(deployment)) {
        conditions.set(
            Conditions.PROGRESSING,
            "False",
            "ReplicaSetCreateError",
            "Failed to create new replica set \"%s\": %s"
                .formatted(Meta.name(wanted), refused.getMessage()));
      }
      act.warning(
          deployment,
          "ReplicaSetCreateError",
          "Failed to create new replica set \"%s\": %s"
              .formatted(Meta.name(wanted), refused.getMessage()));
      throw refused;
    }
  }

  /** Notes the revision on the Deployment, where it is not noted yet. */
  static Deployment noteRevision(Deployment deployment, ReplicaSet set, Actions act) {
    String revision = Meta.annotations(set).get(Revisions.REVISION);
    if (revision == null || revision.equals(Meta.annotations(deployment).get(Revisions.REVISION))) {
      return deployment;
    }
    var patch = Json.object();
    patch
        .putObject("metadata")
        .put("uid", Meta.uid(deployment))
        .putObject("annotations")
        .put(Revisions.REVISION, revision);
    return act.patch(deployment, new Patch.Merge(patch.toString()));
  }

  private static long nextRevision(List<ReplicaSet> old) {
    return Revisions.highest(old) + 1;
  }

  private static ReplicaSet existing(
      Deployment deployment, ReplicaSet wanted, int collisions, Actions act, ApiException refused) {
    Optional<ReplicaSet> found = act.live(ReplicaSet.class, Meta.key(wanted));
    if (found
        .filter(set -> Owners.controls(deployment, set))
        .filter(set ->
            TemplateHash.same(set.getSpec().getTemplate(), deployment.getSpec().getTemplate()))
        .isPresent()) {
      return found.get();
    }
    if (found.isPresent()) {
      act.updateStatus(
          new DeploymentBuilder(deployment)
              .editOrNewStatus()
              .withCollisionCount(collisions + 1)
              .endStatus()
              .build());
    }
    throw refused;
  }

  private static ReplicaSet fresh(Deployment deployment, String hash, int size, long revision) {
    Map<String, String> annotations = Revisions.ofCurrentSet(deployment, Map.of(), revision);
    int wanted = RolloutMath.replicas(deployment);
    annotations.put(Revisions.DESIRED, Integer.toString(wanted));
    annotations.put(
        Revisions.MAXIMUM, Integer.toString(wanted + RolloutMath.bounds(deployment).surge()));
    var template =
        deployment.getSpec().getTemplate().toBuilder()
            .editOrNewMetadata()
            .addToLabels(TemplateHash.LABEL, hash)
            .endMetadata()
            .build();
    return new ReplicaSetBuilder()
        .withNewMetadata()
        .withName(Meta.name(deployment) + "-" + hash)
        .withNamespace(Meta.namespace(deployment))
        .withLabels(Objects.requireNonNull(template.getMetadata()).getLabels())
        .withAnnotations(annotations)
        .withOwnerReferences(Owners.controllerReference(deployment))
        .endMetadata()
        .withNewSpec()
        .withReplicas(size)
        .withMinReadySeconds(deployment.getSpec().getMinReadySeconds())
        .withSelector(
            deployment.getSpec().getSelector().toBuilder()
                .addToMatchLabels(TemplateHash.LABEL, hash)
                .build())
        .withTemplate(template)
        .endSpec()
        .build();
  }
}
