package dev.coxswain.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.client.ListOptions;
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
import dev.coxswain.scheduler.framework.Handle;
import dev.coxswain.scheduler.framework.WaitingPods;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.Gangs;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All of a group or none, with threads, against an API server in memory. */
class GangTest {
  private static final String GROUP = "pod-group.scheduling.sigs.k8s.io/name";
  private static final String CONFIGURATION =
      """
      apiVersion: kubescheduler.config.k8s.io/v1
      kind: KubeSchedulerConfiguration
      profiles:
        - schedulerName: default-scheduler
          plugins:
            multiPoint: {enabled: [{name: Coscheduling}]}
          pluginConfig:
            - {name: Coscheduling, args: {permitWaitingTimeSeconds: 30}}
      """;

  private final Time time = new SystemTime();
  private final Randomness random = Randomness.seeded(7);
  private final FakeApi api = new FakeApi(time, random);
  private final ResourceClient<Pod> pods = api.resource(Pod.class);
  private final Queue<String> events = new ConcurrentLinkedQueue<>();
  private final Metrics metrics = new Metrics();
  private Scheduler scheduler;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("scheduler.yaml"), CONFIGURATION);
    WaitingPods waiting = new WaitingPods();
    StorageCaches storage = StorageCaches.of(api, time, random);
    Handle handle = new Handle(random, waiting, new ClaimWriter(api, storage.claims(), waiting));
    BindPlugin binder =
        (state, pod, node) -> {
          Pod there = pods.find(pod.key()).orElseThrow();
          pods.update(new PodBuilder(there).editSpec().withNodeName(node).endSpec().build());
          return true;
        };
    Scheduler.Caches caches =
        new Scheduler.Caches(
            ListWatchInformer.of(api, Pod.class, time, random),
            ListWatchInformer.of(api, Node.class, time, random),
            ListWatchInformer.of(api, Namespace.class, time, random),
            ListWatchInformer.of(api, PodDisruptionBudget.class, time, random),
            Optional.of(
                ListWatchInformer.of(
                    api, Job.class, "", ListOptions.labels(Gangs.MIN_AVAILABLE), time, random)),
            storage);
    scheduler =
        new Scheduler(
            new SchedulerCore(
                List.of(
                    SchedulerConfiguration.read(file)
                        .profiles()
                        .getFirst()
                        .profile(handle, binder)),
                new BackoffRange(Duration.ofMillis(10), Duration.ofMillis(50)),
                random),
            caches,
            new PodReports(pods, caches.pods()::find, this::note, time),
            this::note,
            waiting,
            new SchedulerMetrics(metrics.registry()),
            time);
    api.seed(
        Job.class,
        new JobBuilder()
            .withNewMetadata()
            .withNamespace("default")
            .withName("training")
            .addToLabels(GROUP, "gang")
            .addToLabels(Gangs.MIN_AVAILABLE, "4")
            .endMetadata()
            .build());
    scheduler.start();
    scheduler.lead(true);
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
  void aGroupOfFourDoesNotTakeTheRoomOfThree() {
    api.seed(Node.class, node("n1", "3"));
    create(4);
    await()
        .until(() ->
            events.stream().anyMatch(event -> event.contains("of the same group fits nowhere")));
    // Nobody holds a place for long: a pod of nobody's group has the room.
    pods.create(pod("alone", "3", Map.of()));
    await().until(() -> bound().contains("alone"));
    assertThat(bound()).containsExactly("alone");

    api.seed(Node.class, node("n2", "4"));
    await().until(() -> bound().size() == 5);
  }

  @Test
  void aGroupWaitsForItsLastPod() {
    api.seed(Node.class, node("n1", "4"));
    create(3);
    await()
        .until(() ->
            events.stream()
                .anyMatch(event ->
                    event.contains(
                        "cannot find enough sibling pods, current pods number: 3, minMember of"
                            + " group: 4")));
    assertThat(bound()).isEmpty();
    pods.create(pod("gang-3", "1", Map.of(GROUP, "gang")));
    await().until(() -> bound().size() == 4);
  }

  private void create(int count) {
    for (int index = 0; index < count; index++) {
      pods.create(pod("gang-" + index, "1", Map.of(GROUP, "gang")));
    }
  }

  private List<String> bound() {
    return pods.list("default", ListOptions.ALL).items().stream()
        .filter(pod -> pod.getSpec().getNodeName() != null)
        .map(pod -> pod.getMetadata().getName())
        .toList();
  }

  private static Pod pod(String name, String cpu, Map<String, String> labels) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("default")
        .withName(name)
        .withLabels(labels)
        .endMetadata()
        .withNewSpec()
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
        .addToAllocatable("cpu", new Quantity(cpu))
        .addToAllocatable("memory", new Quantity("8Gi"))
        .addToAllocatable("pods", new Quantity("110"))
        .endStatus()
        .build();
  }
}
