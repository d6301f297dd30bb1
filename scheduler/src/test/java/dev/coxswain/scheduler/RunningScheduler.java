package dev.coxswain.scheduler;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.client.ListOptions;
import dev.coxswain.runtime.client.ListWatchInformer;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.program.Metrics;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.scheduler.binding.ClaimWriter;
import dev.coxswain.scheduler.binding.PodReports;
import dev.coxswain.scheduler.config.ProfileConfiguration;
import dev.coxswain.scheduler.cycle.BackoffRange;
import dev.coxswain.scheduler.cycle.SchedulerCore;
import dev.coxswain.scheduler.framework.BindPlugin;
import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.Handle;
import dev.coxswain.scheduler.framework.WaitingPods;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.Gangs;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A scheduler with its threads and one profile, against an API server in memory. */
final class RunningScheduler implements AutoCloseable {
  private final Time time = new SystemTime();
  private final Randomness random = Randomness.seeded(7);
  final FakeApi api = new FakeApi(time, random);
  final ResourceClient<Pod> pods = api.resource(Pod.class);

  /** What was told: the reason, the pod and the message. */
  final Queue<String> events = new ConcurrentLinkedQueue<>();

  /** The profiles in whose names that was. */
  final Set<String> tellers = ConcurrentHashMap.newKeySet();

  /** So many of the next bindings fail. */
  final AtomicInteger failingBindings = new AtomicInteger();

  final Metrics metrics = new Metrics();
  final Scheduler scheduler;

  RunningScheduler(ProfileConfiguration profile) {
    WaitingPods waiting = new WaitingPods();
    StorageCaches storage = StorageCaches.of(api, time, random);
    Informer<Pod> known = cache(Pod.class);
    Handle handle =
        new Handle(random, waiting, new ClaimWriter(api, storage.claims(), waiting, known));
    Scheduler.Caches caches =
        new Scheduler.Caches(
            known,
            cache(Node.class),
            cache(Namespace.class),
            cache(PodDisruptionBudget.class),
            Optional.of(
                ListWatchInformer.of(
                    api, Job.class, "", ListOptions.labels(Gangs.MIN_AVAILABLE), time, random)),
            storage);
    scheduler =
        new Scheduler(
            new SchedulerCore(
                List.of(profile.profile(handle, new UpdatingBinder())),
                new BackoffRange(Duration.ofMillis(10), Duration.ofMillis(50)),
                random),
            caches,
            new PodReports(pods, known::find, this::note, time),
            this::note,
            waiting,
            new SchedulerMetrics(metrics.registry()),
            time);
    scheduler.start();
  }

  private <T extends HasMetadata> Informer<T> cache(Class<T> type) {
    return ListWatchInformer.of(api, type, time, random);
  }

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

  private void note(
      String scheduler, PodInfo about, boolean warning, String reason, String message) {
    tellers.add(scheduler);
    events.add(reason + " " + about.key().name() + ": " + message);
  }

  @Override
  public void close() {
    scheduler.close();
    api.close();
  }

  static ObjectKey key(String name) {
    return new ObjectKey("default", name);
  }

  static Pod pod(String name, String cpu, int priority) {
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

  static Node node(String name, String cpu) {
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
