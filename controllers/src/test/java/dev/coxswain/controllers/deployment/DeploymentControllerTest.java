package dev.coxswain.controllers.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.controllers.manager.PodLife;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.TemplateHash;
import dev.coxswain.controllers.replicaset.ReplicaSetController;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class DeploymentControllerTest {
  private Simulation simulation =
      new Simulation(7, new DeploymentController(), new ReplicaSetController());

  @BeforeEach
  void start() {
    simulation
        .actor(new PodLife(simulation, pod -> !Deployments.image(pod).equals("broken")))
        .restart();
  }

  @Test
  void runsItsTemplateInASetNamedAfterIt() {
    create(Deployments.rolling("web", 3, "1", "0"));
    simulation.settle();
    ReplicaSet set = sets().getFirst();
    String hash = Meta.labels(set).get("pod-template-hash");
    assertThat(Meta.name(set)).isEqualTo("web-" + hash);
    assertThat(set.getSpec().getSelector().getMatchLabels())
        .containsEntry("pod-template-hash", hash)
        .containsEntry("app", "web");
    assertThat(Meta.annotations(set))
        .containsEntry("deployment.kubernetes.io/revision", "1")
        .containsEntry("deployment.kubernetes.io/desired-replicas", "3")
        .containsEntry("deployment.kubernetes.io/max-replicas", "4");
    assertThat(Meta.annotations(web())).containsEntry("deployment.kubernetes.io/revision", "1");
    var status = web().getStatus();
    assertThat(status.getReplicas()).isEqualTo(3);
    assertThat(status.getUpdatedReplicas()).isEqualTo(3);
    assertThat(status.getAvailableReplicas()).isEqualTo(3);
    assertThat(status.getUnavailableReplicas()).isNull();
    assertThat(status.getObservedGeneration()).isEqualTo(Meta.generation(web()));
    assertThat(condition("Available").getReason()).isEqualTo("MinimumReplicasAvailable");
    assertThat(condition("Progressing").getReason()).isEqualTo("NewReplicaSetAvailable");
    assertThat(condition("Progressing").getMessage())
        .isEqualTo("ReplicaSet \"" + Meta.name(set) + "\" has successfully progressed.");
    assertThat(simulation.events())
        .anyMatch(event ->
            event.reason().equals("ScalingReplicaSet")
                && event
                    .message()
                    .equals("Scaled up replica set " + Meta.name(set) + " from 0 to 3"));
  }

  @Test
  void rollsToANewTemplateWithinItsBoundsAndBackUnderANewRevision() {
    create(Deployments.rolling("web", 4, "25%", "25%"));
    simulation.settle();
    change(deployment -> Deployments.withImage(deployment, "demo:2"));
    simulation.settle(() -> {
      assertThat(Deployments.active(simulation)).isLessThanOrEqualTo(5);
      assertThat(Deployments.available(simulation)).isGreaterThanOrEqualTo(3);
    });
    assertThat(pods()).hasSize(4).allMatch(pod -> Deployments.image(pod).equals("demo:2"));
    assertThat(revisionOf("demo:2")).isEqualTo("2");

    change(deployment -> Deployments.withImage(deployment, "demo:1"));
    simulation.settle();
    assertThat(pods()).hasSize(4).allMatch(pod -> Deployments.image(pod).equals("demo:1"));
    assertThat(sets()).hasSize(2);
    assertThat(revisionOf("demo:1")).isEqualTo("3");
    assertThat(
            sets().stream()
                .map(set -> Meta.annotations(set).get("deployment.kubernetes.io/revision-history")))
        .contains("1");
    assertThat(Meta.annotations(web())).containsEntry("deployment.kubernetes.io/revision", "3");
  }

  @Test
  void stopsAtABadTemplateSaysSoAfterTheDeadlineAndRecovers() {
    create(Deployments.rolling("web", 3, "1", "0"));
    simulation.settle();
    change(deployment -> Deployments.withImage(deployment, "broken"));
    simulation.settle();
    assertThat(Deployments.available(simulation)).isEqualTo(3);
    assertThat(condition("Progressing").getReason()).isEqualTo("ReplicaSetUpdated");
    assertThat(condition("Available").getStatus()).isEqualTo("True");
    simulation.pass(Duration.ofSeconds(601));
    assertThat(condition("Progressing").getStatus()).isEqualTo("False");
    assertThat(condition("Progressing").getReason()).isEqualTo("ProgressDeadlineExceeded");

    change(deployment -> Deployments.withImage(deployment, "demo:3"));
    simulation.settle();
    assertThat(pods()).hasSize(3).allMatch(pod -> Deployments.image(pod).equals("demo:3"));
    assertThat(condition("Progressing").getReason()).isEqualTo("NewReplicaSetAvailable");
  }

  @Test
  void recreateNeverOverlapsOldAndNew() {
    create(Deployments.recreate("web", 3));
    simulation.settle();
    change(deployment -> Deployments.withImage(deployment, "demo:2"));
    simulation.settle(
        () -> assertThat(pods().stream().map(Deployments::image).distinct().count()).isLessThan(2));
    assertThat(pods()).hasSize(3).allMatch(pod -> Deployments.image(pod).equals("demo:2"));
  }

  @Test
  void aPausedOneIsScaledButNotRolled() {
    create(Deployments.rolling("web", 2, "1", "0"));
    simulation.settle();
    change(deployment ->
        new DeploymentBuilder(Deployments.withImage(deployment, "demo:2"))
            .editSpec()
            .withPaused(true)
            .withReplicas(4)
            .endSpec()
            .build());
    simulation.settle();
    assertThat(pods()).hasSize(4).allMatch(pod -> Deployments.image(pod).equals("demo:1"));
    assertThat(condition("Progressing").getReason()).isEqualTo("DeploymentPaused");

    change(deployment ->
        new DeploymentBuilder(deployment).editSpec().withPaused(false).endSpec().build());
    simulation.settle();
    assertThat(pods()).hasSize(4).allMatch(pod -> Deployments.image(pod).equals("demo:2"));
  }

  @Test
  void forgetsAllButTheNewestOfItsHistory() {
    create(
        new DeploymentBuilder(Deployments.rolling("web", 1, "1", "0"))
            .editSpec()
            .withRevisionHistoryLimit(2)
            .endSpec()
            .build());
    for (int version = 1; version <= 5; version++) {
      String image = "demo:" + version;
      change(deployment -> Deployments.withImage(deployment, image));
      simulation.settle();
    }
    assertThat(sets())
        .extracting(set -> Meta.annotations(set).get("deployment.kubernetes.io/revision"))
        .containsExactlyInAnyOrder("3", "4", "5");
  }

  @Test
  void takesOverAnOrphanedSetOfItsTemplate() {
    create(Deployments.rolling("web", 2, "1", "0"));
    simulation.settle();
    ReplicaSet orphan = sets().getFirst();
    orphan.getMetadata().setOwnerReferences(List.of());
    simulation.api().resource(ReplicaSet.class).update(orphan);
    simulation.settle();
    assertThat(sets())
        .hasSize(1)
        .allMatch(set -> !set.getMetadata().getOwnerReferences().isEmpty());
    assertThat(pods()).hasSize(2);
  }

  @Test
  void countsAMeetingOfNamesAndTakesAnother() {
    Deployment wanted = Deployments.rolling("web", 1, "1", "0");
    String taken = "web-" + TemplateHash.of(wanted.getSpec().getTemplate(), 0);
    simulation.api().resource(ReplicaSet.class).create(Deployments.foreignSet(taken));
    create(wanted);
    simulation.settle();
    assertThat(web().getStatus().getCollisionCount()).isEqualTo(1);
    assertThat(web().getStatus().getAvailableReplicas()).isEqualTo(1);
  }

  @Test
  void tellsSinceWhenASetFails() {
    simulation = new Simulation(3, new DeploymentController());
    simulation.restart();
    create(Deployments.rolling("web", 2, "1", "0"));
    simulation.settle();
    assertThat(sets()).hasSize(1);
    fail(sets().getFirst(), 0);
    simulation.settle();
    String since = condition("ReplicaFailure").getLastTransitionTime();
    simulation.pass(Duration.ofMinutes(5));
    fail(sets().getFirst(), 1);
    simulation.settle();
    assertThat(web().getStatus().getReplicas()).isEqualTo(1);
    assertThat(condition("ReplicaFailure").getLastTransitionTime()).isEqualTo(since);
    assertThat(condition("ReplicaFailure").getReason()).isEqualTo("FailedCreate");
  }

  private void fail(ReplicaSet set, int replicas) {
    simulation
        .api()
        .resource(ReplicaSet.class)
        .updateStatus(
            new ReplicaSetBuilder(set)
                .withNewStatus()
                .withReplicas(replicas)
                .withObservedGeneration(Meta.generation(set))
                .addNewCondition()
                .withType("ReplicaFailure")
                .withStatus("True")
                .withReason("FailedCreate")
                .withMessage("exceeded quota")
                .endCondition()
                .endStatus()
                .build());
  }

  @Test
  void theListOfEarlierRevisionsDoesNotGrowWithoutEnd() {
    Deployment deployment = Deployments.rolling("web", 1, "1", "0");
    Map<String, String> annotations = Map.of(Revisions.REVISION, "1");
    for (int revision = 2; revision <= 3000; revision++) {
      annotations = Revisions.ofCurrentSet(deployment, annotations, revision);
    }
    assertThat(annotations.get(Revisions.HISTORY))
        .hasSizeLessThanOrEqualTo(2000)
        .startsWith("2600,")
        .endsWith(",2998,2999");
  }

  private void create(Deployment deployment) {
    simulation.api().resource(Deployment.class).create(deployment);
  }

  private void change(UnaryOperator<Deployment> change) {
    simulation.api().resource(Deployment.class).update(change.apply(web()));
  }

  private Deployment web() {
    return simulation.stored(Deployment.class, "default", "web").orElseThrow();
  }

  private DeploymentCondition condition(String type) {
    return web().getStatus().getConditions().stream()
        .filter(condition -> condition.getType().equals(type))
        .findFirst()
        .orElseThrow();
  }

  private String revisionOf(String image) {
    return sets().stream()
        .filter(set ->
            set.getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getImage()
                .equals(image))
        .map(set -> Meta.annotations(set).get("deployment.kubernetes.io/revision"))
        .findFirst()
        .orElse("");
  }

  private List<ReplicaSet> sets() {
    return simulation.stored(ReplicaSet.class);
  }

  private List<Pod> pods() {
    return simulation.stored(Pod.class);
  }
}
