package dev.coxswain.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.client.ListWatchInformer;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.program.Metrics;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.scheduler.binding.ClaimWriter;
import dev.coxswain.scheduler.binding.PodReports;
import dev.coxswain.scheduler.config.SchedulerConfiguration;
import dev.coxswain.scheduler.cycle.BackoffRange;
import dev.coxswain.scheduler.cycle.SchedulerCore;
import dev.coxswain.scheduler.framework.BindPlugin;
import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.Handle;
import dev.coxswain.scheduler.framework.WaitingPods;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.StorageReader;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The scheduler with its threads, against an API server in memory. */
class SchedulerTest {
  private final Time time = new SystemTime();
  private final Randomness random = Randomness.seeded(7);
  private final FakeApi api = new FakeApi(time, random);
  private final ResourceClient<Pod> pods = api.resource(Pod.class);
  private final Queue<String> events = new ConcurrentLinkedQueue<>();
  private final AtomicInteger failingBindings = new AtomicInteger();
  private final Metrics metrics = new Metrics();
  private Scheduler scheduler;

  /** The binding subresource, done by an update. */
  private final class UpdatingBinder implements BindPlugin {
    @Override
    public boolean bind(CycleState state, PodInfo pod, String node) {
      if (failingBindings.getAndDecrement() > 0) {
        throw new IllegalStateException("the API server says no");
      }
      Pod there = pods.find(pod.key()).orElseThrow();
      pods.update(new PodBuilder(there).editSpec().withNodeName(node).endSpec().build());
      return true;
    }
  }

  @BeforeEach
  void start() {
    WaitingPods waiting = new WaitingPods();
    StorageCaches storage = StorageCaches.of(api, time, random);
    Handle handle = new Handle(random, waiting, new ClaimWriter(api, storage.claims(), waiting));
    Scheduler.Caches caches =
        new Scheduler.Caches(
            ListWatchInformer.of(api, Pod.class, time, random),
            ListWatchInformer.of(api, Node.class, time, random),
            ListWatchInformer.of(api, Namespace.class, time, random),
            ListWatchInformer.of(api, PodDisruptionBudget.class, time, random),
            Optional.empty(),
            storage);
    scheduler =
        new Scheduler(
            new SchedulerCore(
                List.of(
                    SchedulerConfiguration.DEFAULT
                        .profiles()
                        .getFirst()
                        .profile(handle, new UpdatingBinder())),
                new BackoffRange(Duration.ofMillis(10), Duration.ofMillis(50)),
                random),
            caches,
            new PodReports(pods, caches.pods()::find, this::note, time),
            this::note,
            waiting,
            new SchedulerMetrics(metrics.registry()),
            time);
    scheduler.start();
  }

  private void note(PodInfo about, boolean warning, String reason, String message) {
    events.add(reason + " " + about.key().name() + ": " + message);
  }

  @AfterEach
  void stop() {
    scheduler.close();
    api.close();
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
    assertThat(metrics.page().text())
        .contains(
            "scheduler_schedule_attempts_total{profile=\"default-scheduler\",result=\"scheduled\"}"
                + " 1");
  }

  @Test
  void aPodThatFitsNowhereIsToldWhyAndBoundWhenANodeComes() {
    scheduler.lead(true);
    api.seed(Node.class, node("n1", "1"));
    pods.create(pod("big", "2", 0));
    await()
        .untilAsserted(() ->
            assertThat(condition("big"))
                .extracting(
                    PodCondition::getType,
                    PodCondition::getStatus,
                    PodCondition::getReason,
                    PodCondition::getMessage)
                .containsExactly(
                    "PodScheduled",
                    "False",
                    "Unschedulable",
                    "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are"
                        + " available: 1 Preemption is not helpful for scheduling."));
    api.seed(Node.class, node("n2", "4"));
    await().until(() -> "n2".equals(nodeOf("big")));
  }

  @Test
  void aFailedBindingIsTriedAgain() {
    scheduler.lead(true);
    failingBindings.set(3);
    api.seed(Node.class, node("n1", "4"));
    pods.create(pod("web", "1", 0));
    await().until(() -> "n1".equals(nodeOf("web")));
    assertThat(events).anyMatch(event -> event.contains("the API server says no"));
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
    assertThat(events).anyMatch(event -> event.startsWith("Preempted low: Preempted by pod "));
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
                .anyMatch(event -> event.contains("provisioning failed for PVC \"data\"")));
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

  private PodCondition condition(String name) {
    return pods.find(key(name)).orElseThrow().getStatus().getConditions().getFirst();
  }

  private static ObjectKey key(String name) {
    return new ObjectKey("default", name);
  }

  private static Pod pod(String name, String cpu, int priority) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("default")
        .withName(name)
        .endMetadata()
        .withNewSpec()
        .withPriority(priority)
        .withTerminationGracePeriodSeconds(0L)
        .addNewContainer()
        .withName("c")
        .withImage("demo:1")
        .withNewResources()
        .addToRequests("cpu", new Quantity(cpu))
        .endResources()
        .endContainer()
        .endSpec()
        .build();
  }

  private static Node node(String name, String cpu) {
    return new NodeBuilder()
        .withNewMetadata()
        .withName(name)
        .addToLabels("kubernetes.io/hostname", name)
        .endMetadata()
        .withNewSpec()
        .endSpec()
        .withNewStatus()
        .withAllocatable(
            Map.of(
                "cpu",
                new Quantity(cpu),
                "memory",
                new Quantity("8Gi"),
                "pods",
                new Quantity("110")))
        .endStatus()
        .build();
  }
}
