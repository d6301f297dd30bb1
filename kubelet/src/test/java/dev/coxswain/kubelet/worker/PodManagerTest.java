package dev.coxswain.kubelet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.admission.Admission;
import dev.coxswain.kubelet.admission.Refusal;
import dev.coxswain.kubelet.admission.Sysctls;
import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.kubelet.pod.Failure;
import dev.coxswain.kubelet.pod.PodAction;
import dev.coxswain.kubelet.pod.PodDecider;
import dev.coxswain.kubelet.pod.SandboxView;
import dev.coxswain.kubelet.probe.ProbeCounts;
import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PodManagerTest {
  private final ManualTime time = new ManualTime();
  private final FakeApi api = new FakeApi(time, Randomness.seeded(0));

  /** How often the runtime was asked for sandboxes. */
  private final AtomicInteger asked = new AtomicInteger();

  private final CompletableFuture<Boolean> askedAgain = new CompletableFuture<>();
  private volatile CompletableFuture<Void> held = CompletableFuture.completedFuture(null);
  private final PodManager manager = manager();

  @AfterEach
  void stop() {
    manager.close();
  }

  /** The clock stands: nothing but the last word itself can have told of it. */
  @Test
  void whoWaitsForAPodsEndIsToldOfIt() throws Exception {
    Pod pod = pod();
    CompletableFuture<Boolean> ended = new CompletableFuture<>();
    CompletableFuture<Boolean> gone = new CompletableFuture<>();
    manager.onEnding(() -> {
      if (manager.released("u1") && manager.told("u1")) {
        ended.complete(true);
      }
      if (manager.workers().isEmpty()) {
        gone.complete(true);
      }
    });
    manager.added(pod);
    assertThat(ended.get(30, TimeUnit.SECONDS)).isTrue();
    assertThat(gone).as("the API still shows the pod").isNotDone();
    manager.deleted(pod);
    assertThat(gone.get(30, TimeUnit.SECONDS)).isTrue();
  }

  /** What the API and the worker itself say does not make the runtime another. */
  @Test
  void theRuntimeIsAskedOnlyWhenItMayHaveChanged() throws Exception {
    Pod pod = pod();
    CompletableFuture<Boolean> ended = new CompletableFuture<>();
    manager.onEnding(() -> {
      if (manager.released("u1") && manager.told("u1")) {
        ended.complete(true);
      }
    });
    manager.added(pod);
    assertThat(ended.get(30, TimeUnit.SECONDS)).isTrue();
    assertThat(asked).hasValue(1);
    manager.listed(Map.of("u1", Map.of()));
    manager.updated(
        pod, new PodBuilder(pod).editMetadata().addToLabels("a", "b").endMetadata().build());
    manager.listed(Map.of("u1", Map.of("s1", 0)));
    askedAgain.get(30, TimeUnit.SECONDS);
    assertThat(asked).hasValue(2);
  }

  /** As a StatefulSet's, that is deleted by force and comes again on the same node. */
  @Test
  void whoAsksForAPodByItsNameMeansTheApis() {
    Pod before = pod();
    Pod after = new PodBuilder(before).editMetadata().withUid("u2").endMetadata().build();
    held = new CompletableFuture<>();
    manager.added(before);
    assertThat(manager.find("shop", "web").orElseThrow().uid()).isEqualTo("u1");
    manager.updated(before, after);
    assertThat(manager.find("shop", "web").orElseThrow().uid()).isEqualTo("u2");
    assertThat(manager.uids()).contains("u1");
    held.complete(null);
  }

  private static Pod pod() {
    return new PodBuilder()
        .withNewMetadata()
        .withUid("u1")
        .withName("web")
        .withNamespace("shop")
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("app")
        .withImage("app:1")
        .endContainer()
        .endSpec()
        .withNewStatus()
        .endStatus()
        .build();
  }

  /** On a node that refuses every pod. */
  private PodManager manager() {
    var shown = api.informer(Pod.class);
    shown.start();
    Admission admission =
        new Admission(
            Map.of(),
            new Admission.NodeSource() {
              @Override
              public Optional<Node> known() {
                return Optional.empty();
              }

              @Override
              public Optional<Node> current() {
                return Optional.empty();
              }
            },
            shown,
            pod -> Optional.of(new Refusal("Full", "no room")),
            Sysctls.safeAnd(List.of()),
            () -> false);
    PodWorker.Wiring wiring =
        new PodWorker.Wiring(
            emptyRuntime(),
            new TerminationMessages(),
            new Done(),
            (pod, status) -> true,
            new Turns(),
            admission,
            new ProbeCounts(),
            new Silent(),
            time);
    return new PodManager(wiring, new PodDecider("10.0.0.1"));
  }

  private ContainerRuntime emptyRuntime() {
    return (ContainerRuntime)
        Proxy.newProxyInstance(
            PodManagerTest.class.getClassLoader(),
            new Class<?>[] {ContainerRuntime.class},
            (proxy, method, arguments) -> {
              if (method.getReturnType() == List.class) {
                if (method.getName().equals("listPodSandboxes") && asked.incrementAndGet() == 2) {
                  askedAgain.complete(true);
                }
                return List.of();
              }
              throw new UnsupportedOperationException(method.getName());
            });
  }

  /** Whatever is to be done is done at once, or when the test lets it. */
  private final class Done implements ActionRunner {
    @Override
    public Optional<Failure> run(Pod pod, PodAction action, List<SandboxView> sandboxes) {
      held.join();
      return Optional.empty();
    }

    @Override
    public void forget(Pod pod) {}
  }

  private static final class Silent implements PodEvents {
    @Override
    public void normal(Pod pod, String container, String reason, String message) {}

    @Override
    public void warning(Pod pod, String container, String reason, String message) {}
  }
}
