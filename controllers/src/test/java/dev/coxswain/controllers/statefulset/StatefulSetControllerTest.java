package dev.coxswain.controllers.statefulset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.controllers.manager.PodLife;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Story;
import dev.coxswain.controllers.manager.Workloads;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetCondition;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StatefulSetControllerTest {
  private Simulation simulation = new Simulation(6, new StatefulSetController());
  private Story<StatefulSet> story = new Story<>(simulation, StatefulSet.class);
  private boolean starts = true;

  @Test
  void podsComeInOrderEachWhenThoseBeforeItAreReady() {
    begin();
    create(set(3));
    simulation.settle(() -> {
      for (Pod pod : pods()) {
        int slot = Slots.ordinal(stored(), pod).orElseThrow();
        assertThat(pods().stream().filter(Pods::ready).count()).isGreaterThanOrEqualTo(slot);
      }
    });
    assertThat(names()).containsExactly("db-0", "db-1", "db-2");
    Pod first = pods().getFirst();
    assertThat(first.getSpec().getHostname()).isEqualTo("db-0");
    assertThat(first.getSpec().getSubdomain()).isEqualTo("db");
    assertThat(Meta.labels(first))
        .containsEntry("statefulset.kubernetes.io/pod-name", "db-0")
        .containsEntry("apps.kubernetes.io/pod-index", "0")
        .containsEntry("controller-revision-hash", stored().getStatus().getUpdateRevision());
    assertThat(simulation.stored(PersistentVolumeClaim.class))
        .extracting(Meta::name)
        .containsExactly("data-db-0", "data-db-1", "data-db-2");
    assertThat(first.getSpec().getVolumes().getFirst().getPersistentVolumeClaim().getClaimName())
        .isEqualTo("data-db-0");
    var status = stored().getStatus();
    assertThat(status.getReadyReplicas()).isEqualTo(3);
    assertThat(status.getCurrentReplicas()).isEqualTo(3);
    assertThat(status.getCurrentRevision()).isEqualTo(status.getUpdateRevision());
  }

  @Test
  void shrinksFromTheLastAndKeepsTheClaims() {
    begin();
    create(set(3));
    simulation.settle();
    change(set -> new StatefulSetBuilder(set).editSpec().withReplicas(1).endSpec().build());
    simulation.settle(() ->
        assertThat(names())
            .isIn(List.of("db-0", "db-1", "db-2"), List.of("db-0", "db-1"), List.of("db-0")));
    assertThat(names()).containsExactly("db-0");
    assertThat(simulation.stored(PersistentVolumeClaim.class)).hasSize(3);
  }

  @Test
  void tellsWhyAPodCannotBeDeleted() {
    begin();
    create(set(2));
    simulation.settle();
    change(set -> new StatefulSetBuilder(set).editSpec().withReplicas(1).endSpec().build());
    simulation.storm(100, new FakeFaults(1, 0, 0, 0), () -> {});
    assertThat(simulation.events())
        .anyMatch(event ->
            event.warning()
                && event.reason().equals("FailedDelete")
                && event.message().startsWith("delete Pod db-1 in StatefulSet db failed error: "));
    simulation.settle();
    assertThat(names()).containsExactly("db-0");
  }

  @Test
  void aConditionThatSomebodyElseSetStays() {
    begin();
    create(set(1));
    simulation.settle();
    story.changeStatus(set ->
        new StatefulSetBuilder(set)
            .editStatus()
            .addNewCondition()
            .withType("Blessed")
            .withStatus("True")
            .endCondition()
            .endStatus()
            .build());
    change(set -> new StatefulSetBuilder(set).editSpec().withReplicas(2).endSpec().build());
    simulation.settle();
    assertThat(stored().getStatus().getReadyReplicas()).isEqualTo(2);
    assertThat(stored().getStatus().getConditions())
        .extracting(StatefulSetCondition::getType)
        .containsExactly("Blessed");
  }

  @Test
  void aLostPodComesBackUnderItsName() {
    begin();
    create(set(2));
    simulation.settle();
    Pod first = pods().getFirst();
    story.delete(first);
    simulation.settle();
    assertThat(names()).containsExactly("db-0", "db-1");
    assertThat(Meta.uid(pods().getFirst())).isNotEqualTo(Meta.uid(first));
  }

  @Test
  void aPodGetsTheLabelsOfItsPlaceBack() {
    begin();
    create(set(2));
    simulation.settle();
    Pod first = pods().getFirst();
    simulation
        .api()
        .resource(Pod.class)
        .update(
            new PodBuilder(first)
                .editMetadata()
                .removeFromLabels("statefulset.kubernetes.io/pod-name")
                .addToLabels("apps.kubernetes.io/pod-index", "7")
                .endMetadata()
                .build());
    simulation.settle();
    assertThat(Meta.uid(pods().getFirst())).isEqualTo(Meta.uid(first));
    assertThat(Meta.labels(pods().getFirst())).isEqualTo(Meta.labels(first));
    assertThat(story.reasons()).contains("SuccessfulUpdate");
  }

  @Test
  void rollsFromTheLastToThePartition() {
    begin();
    create(set(3));
    simulation.settle();
    change(set -> withPartition(withImage(set, "demo:2"), 2));
    simulation.settle();
    assertThat(images()).containsExactly("demo:1", "demo:1", "demo:2");
    Pod first = pods().getFirst();
    story.delete(first);
    simulation.settle();
    assertThat(images()).containsExactly("demo:1", "demo:1", "demo:2");
    change(set -> withPartition(set, 0));
    simulation.settle(() ->
        assertThat(pods().stream().filter(pod -> Pods.active(pod) && Pods.ready(pod)).count())
            .isGreaterThanOrEqualTo(2));
    assertThat(images()).containsExactly("demo:2", "demo:2", "demo:2");
    assertThat(stored().getStatus().getCurrentRevision())
        .isEqualTo(stored().getStatus().getUpdateRevision());
    assertThat(simulation.stored(ControllerRevision.class)).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0})
  void aNegativeLimitKeepsAllRevisions(int limit) {
    begin();
    create(
        new StatefulSetBuilder(set(1))
            .editSpec()
            .withRevisionHistoryLimit(limit)
            .endSpec()
            .build());
    simulation.settle();
    for (String image : List.of("demo:2", "demo:3")) {
      change(set -> withImage(set, image));
      simulation.settle();
    }
    assertThat(simulation.stored(ControllerRevision.class)).hasSize(limit < 0 ? 3 : 1);
  }

  @Test
  void rollsAsManyAtOnceAsMayBeAway() {
    begin();
    create(set(5));
    simulation.settle();
    change(set ->
        new StatefulSetBuilder(withImage(set, "demo:2"))
            .editSpec()
            .withNewUpdateStrategy()
            .withType("RollingUpdate")
            .withNewRollingUpdate()
            .withMaxUnavailable(new IntOrString("40%"))
            .endRollingUpdate()
            .endUpdateStrategy()
            .endSpec()
            .build());
    var fewest = new AtomicInteger(5);
    simulation.settle(() -> {
      int ready = (int) pods().stream().filter(pod -> Pods.active(pod) && Pods.ready(pod)).count();
      fewest.accumulateAndGet(ready, Math::min);
    });
    assertThat(fewest).as("ready pods while two may be away").hasValue(3);
    assertThat(images()).containsOnly("demo:2");
  }

  @Test
  void inParallelNobodyWaits() {
    starts = false;
    begin();
    create(
        new StatefulSetBuilder(set(3))
            .editSpec()
            .withPodManagementPolicy("Parallel")
            .endSpec()
            .build());
    simulation.settle();
    assertThat(names()).containsExactly("db-0", "db-1", "db-2");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void neverTwoPodsForOneSlotAndAllRolledInTheEndWhateverFails(int decade) {
    for (long seed = decade * 10L; seed < decade * 10L + 10; seed++) {
      simulation = new Simulation(seed, new StatefulSetController());
      begin();
      create(set(3));
      Runnable ordered =
          () -> {
            Set<String> present = new HashSet<>(names());
            assertThat(present).hasSize(names().size());
          };
      simulation.storm(150, FakeFaults.SOME, ordered);
      simulation.restart();
      change(set -> withImage(set, "demo:2"));
      simulation.storm(200, FakeFaults.SOME, ordered);
      simulation.settle(ordered);
      assertThat(images()).as(simulation.recent()).containsExactly("demo:2", "demo:2", "demo:2");
      assertThat(pods()).allMatch(Pods::ready);
      assertThat(stored().getStatus().getUpdatedReplicas()).isEqualTo(3);
    }
  }

  @Test
  void shrinksNotWhileMoreThanOneAils() {
    begin();
    create(set(3));
    simulation.settle();
    starts = false;
    pods().forEach(pod -> story.changePod(pod, StatefulSetControllerTest::ailing));
    simulation.settle();
    change(set -> new StatefulSetBuilder(set).editSpec().withReplicas(0).endSpec().build());
    simulation.settle();
    assertThat(names()).containsExactly("db-0", "db-1", "db-2");
    starts = true;
    simulation.settle();
    assertThat(names()).isEmpty();
  }

  @Test
  void aPartitionIsCountedFromTheFirstNumber() {
    begin();
    create(
        new StatefulSetBuilder(set(2))
            .editSpec()
            .withNewOrdinals()
            .withStart(5)
            .endOrdinals()
            .endSpec()
            .build());
    simulation.settle();
    assertThat(names()).containsExactly("db-5", "db-6");
    change(set -> withPartition(withImage(set, "demo:2"), 1));
    simulation.settle();
    assertThat(images()).containsExactly("demo:1", "demo:2");
  }

  @Test
  void aRevisionOfItsNameAndTemplateServesWhoseverItIs() {
    begin();
    create(set(1));
    simulation.settle();
    ControllerRevision revision = simulation.stored(ControllerRevision.class).getFirst();
    revision.getMetadata().getOwnerReferences().getFirst().setUid("another");
    simulation.api().resource(ControllerRevision.class).update(revision);
    simulation.settle();
    story.delete(pods().getFirst());
    simulation.settle();
    assertThat(names()).containsExactly("db-0");
    assertThat(Meta.labels(pods().getFirst()))
        .containsEntry("controller-revision-hash", Meta.name(revision));
    assertThat(simulation.stored(ControllerRevision.class)).hasSize(1);
  }

  @Test
  void claimsAreOwnedAsTheSetSaysNow() {
    begin();
    create(set(1));
    simulation.settle();
    assertThat(Owners.of(claims().getFirst())).isEmpty();
    change(set -> withRetention(set, "Delete", "Retain"));
    simulation.settle();
    assertThat(Owners.controllerUid(claims().getFirst())).isEqualTo(Meta.uid(stored()));
    change(set -> withRetention(set, "Retain", "Retain"));
    simulation.settle();
    assertThat(Owners.of(claims().getFirst())).isEmpty();
  }

  @Test
  void aClaimThatSomebodyElseControlsIsLeftToThem() {
    begin();
    create(withRetention(set(2), "Retain", "Delete"));
    simulation.settle();
    for (PersistentVolumeClaim claim : claims()) {
      changeClaim(
          claim,
          found ->
              new PersistentVolumeClaimBuilder(found)
                  .editMetadata()
                  .addNewOwnerReference()
                  .withApiVersion("v1")
                  .withKind("ConfigMap")
                  .withName("keeper")
                  .withUid("keeper")
                  .withController(true)
                  .endOwnerReference()
                  .endMetadata()
                  .build());
    }
    change(set -> withRetention(set, "Delete", "Delete"));
    change(set -> new StatefulSetBuilder(set).editSpec().withReplicas(1).endSpec().build());
    simulation.settle();
    assertThat(names()).containsExactly("db-0");
    assertThat(claims()).hasSize(2).allMatch(claim -> Owners.of(claim).size() == 1);
  }

  @Test
  void noPodIsMadeForAClaimThatIsStillGoing() {
    begin();
    create(set(1));
    simulation.settle();
    PersistentVolumeClaim lost =
        changeClaim(
            claims().getFirst(),
            claim ->
                new PersistentVolumeClaimBuilder(claim)
                    .editMetadata()
                    .withFinalizers("kubernetes.io/pvc-protection")
                    .endMetadata()
                    .build());
    story.delete(lost);
    story.delete(pods().getFirst());
    simulation.settle();
    assertThat(names()).isEmpty();
    assertThat(simulation.events())
        .anyMatch(event ->
            event.reason().equals("FailedCreate")
                && event
                    .message()
                    .equals(
                        "create Pod db-0 in StatefulSet db failed error: pvc data-db-0 is being"
                            + " deleted"));
    changeClaim(
        lost,
        claim ->
            new PersistentVolumeClaimBuilder(claim)
                .editMetadata()
                .withFinalizers(List.of())
                .endMetadata()
                .build());
    simulation.settle();
    assertThat(names()).containsExactly("db-0");
    assertThat(Meta.uid(claims().getFirst())).isNotEqualTo(Meta.uid(lost));
  }

  @Test
  void aClaimThatAWaitingPodLosesIsMadeAgain() {
    starts = false;
    begin();
    create(set(1));
    simulation.settle();
    PersistentVolumeClaim lost = claims().getFirst();
    story.delete(lost);
    simulation.settle();
    assertThat(claims()).hasSize(1);
    assertThat(Meta.uid(claims().getFirst())).isNotEqualTo(Meta.uid(lost));
  }

  @Test
  void theClaimsOfAPlaceThatIsGivenUpGoWhateverFails() {
    for (long seed = 0; seed < 20; seed++) {
      simulation = new Simulation(seed, new StatefulSetController());
      begin();
      create(withRetention(set(3), "Retain", "Delete"));
      simulation.settle();
      change(set -> new StatefulSetBuilder(set).editSpec().withReplicas(1).endSpec().build());
      simulation.storm(100, FakeFaults.SOME, () -> {});
      simulation.settle();
      assertThat(claims())
          .as(simulation.recent())
          .extracting(Meta::name)
          .containsExactly("data-db-0");
    }
  }

  private List<PersistentVolumeClaim> claims() {
    return simulation.stored(PersistentVolumeClaim.class);
  }

  private PersistentVolumeClaim changeClaim(
      PersistentVolumeClaim claim, UnaryOperator<PersistentVolumeClaim> change) {
    return simulation.calmly(() ->
        simulation
            .api()
            .resource(PersistentVolumeClaim.class)
            .update(
                change.apply(
                    simulation
                        .stored(PersistentVolumeClaim.class, "default", Meta.name(claim))
                        .orElseThrow())));
  }

  private static StatefulSet withRetention(StatefulSet set, String whenDeleted, String whenScaled) {
    return new StatefulSetBuilder(set)
        .editSpec()
        .withNewPersistentVolumeClaimRetentionPolicy()
        .withWhenDeleted(whenDeleted)
        .withWhenScaled(whenScaled)
        .endPersistentVolumeClaimRetentionPolicy()
        .endSpec()
        .build();
  }

  private static Pod ailing(Pod pod) {
    return new PodBuilder(pod)
        .editStatus()
        .editFirstCondition()
        .withStatus("False")
        .endCondition()
        .endStatus()
        .build();
  }

  private void begin() {
    story = new Story<>(simulation, StatefulSet.class);
    simulation.actor(new PodLife(simulation, pod -> starts)).restart();
  }

  private void create(StatefulSet set) {
    story.create(set);
  }

  private void change(UnaryOperator<StatefulSet> change) {
    story.change(change);
  }

  private StatefulSet stored() {
    return story.stored();
  }

  private List<Pod> pods() {
    return story.pods();
  }

  private List<String> names() {
    return story.podNames();
  }

  private List<String> images() {
    return pods().stream().map(pod -> pod.getSpec().getContainers().getFirst().getImage()).toList();
  }

  private static StatefulSet withImage(StatefulSet set, String image) {
    return new StatefulSetBuilder(set)
        .editSpec()
        .withTemplate(Workloads.withImage(set.getSpec().getTemplate(), image))
        .endSpec()
        .build();
  }

  private static StatefulSet withPartition(StatefulSet set, int partition) {
    return new StatefulSetBuilder(set)
        .editSpec()
        .withNewUpdateStrategy()
        .withType("RollingUpdate")
        .withNewRollingUpdate()
        .withPartition(partition)
        .endRollingUpdate()
        .endUpdateStrategy()
        .endSpec()
        .build();
  }

  private static StatefulSet set(int replicas) {
    return new StatefulSetBuilder()
        .withNewMetadata()
        .withName("db")
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withReplicas(replicas)
        .withServiceName("db")
        .withNewSelector()
        .withMatchLabels(Map.of("app", "db"))
        .endSelector()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(Map.of("app", "db"))
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("main")
        .withImage("demo:1")
        .endContainer()
        .endSpec()
        .endTemplate()
        .addNewVolumeClaimTemplate()
        .withNewMetadata()
        .withName("data")
        .endMetadata()
        .withNewSpec()
        .withAccessModes("ReadWriteOnce")
        .endSpec()
        .endVolumeClaimTemplate()
        .endSpec()
        .build();
  }
}
