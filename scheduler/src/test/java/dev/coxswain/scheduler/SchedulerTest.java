package dev.coxswain.scheduler;

import static dev.coxswain.scheduler.RunningScheduler.key;
import static dev.coxswain.scheduler.RunningScheduler.node;
import static dev.coxswain.scheduler.RunningScheduler.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.scheduler.config.SchedulerConfiguration;
import dev.coxswain.scheduler.model.StorageReader;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The scheduler with its threads, against an API server in memory. */
class SchedulerTest {
  private final RunningScheduler running =
      new RunningScheduler(SchedulerConfiguration.DEFAULT.profiles().getFirst());
  private final Scheduler scheduler = running.scheduler;
  private final FakeApi api = running.api;
  private final ResourceClient<Pod> pods = running.pods;
  private final Queue<String> events = running.events;

  @AfterEach
  void stop() {
    running.close();
  }

  @Test
  void aPodIsBoundOnceTheSchedulerLeads() {
    api.seed(Node.class, node("n1", "4"));
    pods.create(pod("web", "1", 0));
    await().until(scheduler::synced);
    assertThat(nodeOf("web")).isNull();
    scheduler.lead(true);
    await().until(() -> "n1".equals(nodeOf("web")));
    await()
        .untilAsserted(() ->
            assertThat(events)
                .containsExactly("Scheduled web: Successfully assigned default/web to n1"));
    assertThat(running.tellers).containsExactly("default-scheduler");
    // Counted a moment after it is told.
    await()
        .untilAsserted(() ->
            assertThat(running.metrics.page().text())
                .contains(
                    "scheduler_schedule_attempts_total{profile=\"default-scheduler\","
                        + "result=\"scheduled\"} 1",
                    "scheduler_pod_scheduling_attempts_sum 1"));
  }

  @Test
  void aPodThatFitsNowhereIsToldWhyAndBoundWhenANodeComes() {
    scheduler.lead(true);
    api.seed(Node.class, node("n1", "1"));
    pods.create(pod("big", "2", 0));
    await()
        .untilAsserted(() ->
            assertThat(conditions("big"))
                .extracting(
                    PodCondition::getType,
                    PodCondition::getStatus,
                    PodCondition::getReason,
                    PodCondition::getMessage)
                .containsExactly(
                    tuple(
                        "PodScheduled",
                        "False",
                        "Unschedulable",
                        "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are"
                            + " available: 1 Preemption is not helpful for scheduling.")));
    api.seed(Node.class, node("n2", "4"));
    await().until(() -> "n2".equals(nodeOf("big")));
  }

  @Test
  void aFailedBindingIsTriedAgain() {
    scheduler.lead(true);
    running.failingBindings.set(3);
    api.seed(Node.class, node("n1", "4"));
    pods.create(pod("web", "1", 0));
    await().until(() -> "n1".equals(nodeOf("web")));
    assertThat(events)
        .anyMatch(event ->
            event.endsWith(": running Bind plugin \"UpdatingBinder\": the API server says no"));
    await()
        .untilAsserted(() ->
            assertThat(running.metrics.page().text())
                .contains(
                    "result=\"error\"} 3",
                    "result=\"scheduled\"} 1",
                    "scheduler_pod_scheduling_attempts_sum 4"));
  }

  @Test
  void anImportantPodTakesTheRoomOfAnother() {
    scheduler.lead(true);
    api.seed(Node.class, node("n1", "1"));
    pods.create(pod("low", "800m", 0));
    await().until(() -> "n1".equals(nodeOf("low")));
    pods.create(pod("high", "800m", 1000));
    await().until(() -> "n1".equals(nodeOf("high")));
    assertThat(pods.find(key("low"))).isEmpty();
    // The room is taken as soon as it is free, and told of a moment later.
    await()
        .untilAsserted(() ->
            assertThat(events)
                .anyMatch(event -> event.startsWith("Preempted low: Preempted by pod ")));
  }

  @Test
  void manyPodsAreAllBound() {
    for (int index = 0; index < 10; index++) {
      api.seed(Node.class, node("n" + index, "4"));
    }
    scheduler.lead(true);
    for (int index = 0; index < 300; index++) {
      pods.create(pod("p" + index, "10m", 0));
    }
    await()
        .until(() ->
            pods.list("default", dev.coxswain.runtime.client.ListOptions.ALL).items().stream()
                .allMatch(pod -> pod.getSpec().getNodeName() != null));
  }

  @Test
  void aClaimSaysForWhichNodeItsVolumeIsMadeAndThePodWaitsForIt() {
    scheduler.lead(true);
    api.seed(Node.class, node("n1", "4"));
    api.seed(StorageClass.class, storageClass("disk.example.com"));
    ResourceClient<PersistentVolumeClaim> claims = api.resource(PersistentVolumeClaim.class);
    claims.create(claim());
    pods.create(withClaim(pod("web", "1", 0)));
    await()
        .until(() ->
            "n1"
                .equals(
                    claims
                        .find(key("data"))
                        .orElseThrow()
                        .getMetadata()
                        .getAnnotations()
                        .get(StorageReader.SELECTED_NODE)));
    // A pod that came later has its node before: waiting for a volume takes nobody's place.
    pods.create(pod("other", "1", 0));
    await().until(() -> "n1".equals(nodeOf("other")));
    assertThat(nodeOf("web")).isNull();
    bindTo("v");
    await().until(() -> "n1".equals(nodeOf("web")));
  }

  @Test
  void aRefusedVolumeIsAskedForAgain() {
    scheduler.lead(true);
    api.seed(Node.class, node("n1", "4"));
    api.seed(StorageClass.class, storageClass("disk.example.com"));
    ResourceClient<PersistentVolumeClaim> claims = api.resource(PersistentVolumeClaim.class);
    claims.create(claim());
    pods.create(withClaim(pod("web", "1", 0)));
    await().until(() -> selectedNode().isPresent());
    claims.update(
        new PersistentVolumeClaimBuilder(claims.find(key("data")).orElseThrow())
            .editMetadata()
            .removeFromAnnotations(StorageReader.SELECTED_NODE)
            .endMetadata()
            .build());
    await()
        .until(() ->
            events.stream()
                .anyMatch(event ->
                    event.contains(
                        ": running PreBind plugin \"VolumeBinding\": binding volumes:"
                            + " provisioning failed for PVC \"data\"")));
    await().until(() -> selectedNode().isPresent());
  }

  @Test
  void aVolumeThatExistsIsKeptForTheClaim() {
    scheduler.lead(true);
    api.seed(Node.class, node("n1", "4"));
    api.seed(StorageClass.class, storageClass("kubernetes.io/no-provisioner"));
    api.seed(PersistentVolume.class, volume());
    api.resource(PersistentVolumeClaim.class).create(claim());
    pods.create(withClaim(pod("web", "1", 0)));
    ResourceClient<PersistentVolume> volumes = api.resource(PersistentVolume.class);
    await()
        .until(() ->
            volumes.find(ObjectKey.cluster("v")).orElseThrow().getSpec().getClaimRef() != null);
    assertThat(volumes.find(ObjectKey.cluster("v")).orElseThrow().getSpec().getClaimRef().getName())
        .isEqualTo("data");
    assertThat(nodeOf("web")).isNull();
    bindTo("v");
    await().until(() -> "n1".equals(nodeOf("web")));
  }

  @Test
  void aPodThatIsDeletedWhileItWaitsLetsItsVolumeGo() {
    scheduler.lead(true);
    api.seed(Node.class, node("n1", "4"));
    api.seed(StorageClass.class, storageClass("disk.example.com"));
    api.resource(PersistentVolumeClaim.class).create(claim());
    pods.create(withClaim(pod("web", "4", 0)));
    await().until(() -> selectedNode().isPresent());
    pods.delete(key("web"), DeleteOptions.DEFAULT);
    pods.create(pod("large", "4", 0));
    await().until(() -> "n1".equals(nodeOf("large")));
  }

  private Optional<String> selectedNode() {
    return api.resource(PersistentVolumeClaim.class)
        .find(key("data"))
        .map(claim -> claim.getMetadata().getAnnotations())
        .map(annotations -> annotations.get(StorageReader.SELECTED_NODE));
  }

  /** What the volume controller does. */
  private void bindTo(String volume) {
    ResourceClient<PersistentVolumeClaim> claims = api.resource(PersistentVolumeClaim.class);
    claims.update(
        new PersistentVolumeClaimBuilder(claims.find(key("data")).orElseThrow())
            .editMetadata()
            .addToAnnotations("pv.kubernetes.io/bind-completed", "yes")
            .endMetadata()
            .editSpec()
            .withVolumeName(volume)
            .endSpec()
            .build());
  }

  private static StorageClass storageClass(String provisioner) {
    return new StorageClassBuilder()
        .withNewMetadata()
        .withName("fast")
        .endMetadata()
        .withProvisioner(provisioner)
        .withVolumeBindingMode("WaitForFirstConsumer")
        .build();
  }

  private static PersistentVolume volume() {
    return new PersistentVolumeBuilder()
        .withNewMetadata()
        .withName("v")
        .endMetadata()
        .withNewSpec()
        .withStorageClassName("fast")
        .withAccessModes("ReadWriteOnce")
        .addToCapacity("storage", new Quantity("1Gi"))
        .endSpec()
        .build();
  }

  private static PersistentVolumeClaim claim() {
    return new PersistentVolumeClaimBuilder()
        .withNewMetadata()
        .withNamespace("default")
        .withName("data")
        .addToAnnotations("made-by", "test")
        .endMetadata()
        .withNewSpec()
        .withStorageClassName("fast")
        .withAccessModes("ReadWriteOnce")
        .withNewResources()
        .addToRequests("storage", new Quantity("1Gi"))
        .endResources()
        .endSpec()
        .build();
  }

  private static Pod withClaim(Pod pod) {
    return new PodBuilder(pod)
        .editSpec()
        .addNewVolume()
        .withName("data")
        .withNewPersistentVolumeClaim()
        .withClaimName("data")
        .endPersistentVolumeClaim()
        .endVolume()
        .endSpec()
        .build();
  }

  private @org.jspecify.annotations.Nullable String nodeOf(String name) {
    return pods.find(key(name)).map(pod -> pod.getSpec().getNodeName()).orElse(null);
  }

  private List<PodCondition> conditions(String name) {
    return pods.find(key(name)).orElseThrow().getStatus().getConditions();
  }
}
