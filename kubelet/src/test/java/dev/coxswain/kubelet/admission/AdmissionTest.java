package dev.coxswain.kubelet.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.client.FakeInformer;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class AdmissionTest {
  private static final Map<String, Quantity> ALLOCATABLE =
      Map.of("cpu", new Quantity("2"), "memory", new Quantity("1Gi"), "pods", new Quantity("3"));

  private final FakeApi api = new FakeApi(new ManualTime(), Randomness.seeded(0));
  private final FakeInformer<Pod> pods = api.informer(Pod.class);
  private final FakeNode node = new FakeNode();
  private final List<String> preempted = new ArrayList<>();
  private Optional<Refusal> pressure = Optional.empty();
  private boolean strictGroups;
  private final Admission admission =
      new Admission(
          ALLOCATABLE, node, pods, pod -> pressure, Sysctls.safeAnd(List.of()), () -> strictGroups);

  @BeforeEach
  void listNothing() {
    pods.start();
  }

  @Test
  void whatFitsIsTakenUntilNothingIsLeft() throws InterruptedException {
    assertThat(admit(pod("one", "1500m"))).isEmpty();
    assertThat(admit(pod("two", "600m")))
        .contains(
            new Refusal(
                "OutOfcpu",
                "Node didn't have enough resource: cpu, requested: 600, used: 1500,"
                    + " capacity: 2000"));
    assertThat(admit(pod("three", "500m"))).isEmpty();
  }

  @Test
  void hugePagesAreJudgedEvenWhereTheNodeHasNone() throws InterruptedException {
    Pod pod = pod("huge", "100m");
    pod.getSpec()
        .getContainers()
        .getFirst()
        .getResources()
        .setRequests(Map.of("hugepages-2Mi", new Quantity("4Mi")));
    assertThat(admit(pod).map(Refusal::reason)).contains("OutOfhugepages-2Mi");
  }

  @Test
  void strictGroupsNeedARuntimeThatKnowsThem() throws InterruptedException {
    Pod pod = pod("strict", "100m");
    pod.getSpec()
        .setSecurityContext(
            new PodSecurityContextBuilder().withSupplementalGroupsPolicy("Strict").build());
    assertThat(admit(pod).map(Refusal::reason)).contains("SupplementalGroupsPolicyNotSupported");
    strictGroups = true;
    assertThat(admit(pod)).isEmpty();
  }

  @Test
  void whatIsMadeForAnotherSystemIsRefused() throws InterruptedException {
    Pod foreign =
        new PodBuilder(pod("foreign", "100m")).editSpec().withNewOs("windows").endSpec().build();
    assertThat(admit(foreign))
        .contains(
            new Refusal(
                "PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS"));
    foreign.getSpec().getOs().setName("linux");
    assertThat(admit(foreign)).isEmpty();
    Pod labelled = pod("labelled", "100m");
    labelled.getMetadata().setLabels(Map.of("kubernetes.io/os", "windows"));
    assertThat(admit(labelled).map(Refusal::reason)).contains("PodOSSelectorNodeLabelDoesNotMatch");
  }

  @Test
  void whoLeavesMakesRoom() throws InterruptedException {
    assertThat(admit(pod("one", "2"))).isEmpty();
    admission.left("one");
    assertThat(admit(pod("two", "2"))).isEmpty();
  }

  @Test
  void theNumberOfPodsIsAResource() throws InterruptedException {
    for (String name : List.of("one", "two", "three")) {
      assertThat(admit(pod(name, "0"))).isEmpty();
    }
    assertThat(admit(pod("four", "0")).map(Refusal::reason)).contains("OutOfpods");
  }

  @Test
  void whatAnEarlierKubeletTookStaysAndCounts() throws InterruptedException {
    Pod old = pod("old", "1500m");
    old.getMetadata().setNamespace("shop");
    old.getStatus().setStartTime("2026-01-01T00:00:00Z");
    api.seed(Pod.class, old);
    pods.relist();
    assertThat(admit(pod("new", "1")).map(Refusal::reason)).contains("OutOfcpu");
    assertThat(admit(old)).isEmpty();
  }

  @Test
  void aResizeWaitsUntilSomebodyLeavesAndThePriorFirst() throws InterruptedException {
    assertThat(admit(pod("large", "1"))).isEmpty();
    assertThat(admit(pod("low", "100m"))).isEmpty();
    assertThat(admit(critical("high", "100m"))).isEmpty();
    List<String> answers = new ArrayList<>();
    resize(pod("low", "1500m"), answers);
    resize(critical("high", "1600m"), answers);
    assertThat(answers)
        .containsExactly(
            "low DEFERRED Node didn't have enough resource: cpu, requested: 1500, used: 1100,"
                + " capacity: 2000",
            "high DEFERRED Node didn't have enough resource: cpu, requested: 1600, used: 1100,"
                + " capacity: 2000");
    answers.clear();
    admission.left("large");
    assertThat(answers)
        .containsExactly(
            "high given",
            "low DEFERRED Node didn't have enough resource: cpu, requested: 1500, used: 1600,"
                + " capacity: 2000");
    assertThat(admit(pod("late", "400m")).map(Refusal::reason)).contains("OutOfcpu");
    answers.clear();
    resize(critical("high", "500m"), answers);
    assertThat(answers).containsExactly("high given", "low given");
  }

  @Test
  void aResizeBeyondTheNodeDoesNotWait() throws InterruptedException {
    assertThat(admit(pod("one", "1"))).isEmpty();
    assertThat(admit(pod("other", "1"))).isEmpty();
    List<String> answers = new ArrayList<>();
    resize(pod("one", "3"), answers);
    admission.left("other");
    assertThat(answers)
        .containsExactly(
            "one INFEASIBLE Node didn't have enough capacity: cpu, requested: 3000, capacity:"
                + " 2000");
  }

  @Test
  void whatWaitsForRoomDoesNotCountAfterARestart() throws InterruptedException {
    Pod waiting = pod("waiting", "2");
    waiting.getMetadata().setNamespace("shop");
    waiting.getStatus().setStartTime("2026-01-01T00:00:00Z");
    ContainerStatus given = new ContainerStatus();
    given.setName("main");
    given.setAllocatedResources(Map.of("cpu", new Quantity("500m")));
    given.setResources(
        new ResourceRequirementsBuilder().addToRequests("cpu", new Quantity("500m")).build());
    waiting.getStatus().setContainerStatuses(List.of(given));
    api.seed(Pod.class, waiting);
    pods.relist();
    assertThat(admit(pod("new", "1500m"))).isEmpty();
  }

  @Test
  void aPortOfTheHostIsHadOnce() throws InterruptedException {
    assertThat(admit(port("one", "", 8080))).isEmpty();
    assertThat(admit(port("two", "127.0.0.1", 8080)))
        .contains(
            new Refusal(
                "NodePorts",
                "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod"
                    + " ports"));
    assertThat(admit(port("three", "", 8081))).isEmpty();
  }

  @Test
  void aLabelSetAMomentAgoCounts() throws InterruptedException {
    Pod choosy =
        new PodBuilder(pod("choosy", "0"))
            .editSpec()
            .withNodeSelector(Map.of("disk", "fast"))
            .endSpec()
            .build();
    node.known = node(Map.of());
    node.current = Optional.of(node(Map.of("disk", "fast")));
    assertThat(admit(choosy)).isEmpty();
    node.current = Optional.of(node(Map.of()));
    assertThat(admit(choosy).map(Refusal::message))
        .contains(
            "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector");
    node.current = Optional.empty();
    node.away = true;
    assertThat(admit(choosy).map(Refusal::reason)).contains("NodeAffinity");
  }

  @Test
  void whatTheNodeDoesNotKnowIsNotItsToJudge() throws InterruptedException {
    Pod exotic =
        new PodBuilder(pod("exotic", "0"))
            .editSpec()
            .editFirstContainer()
            .editResources()
            .addToRequests("example.com/dongle", new Quantity("5"))
            .endResources()
            .endContainer()
            .endSpec()
            .build();
    assertThat(admit(exotic)).isEmpty();
    node.known.getStatus().setAllocatable(Map.of("example.com/dongle", new Quantity("3")));
    admission.left("exotic");
    assertThat(admit(exotic).map(Refusal::reason)).contains("OutOfexample.com/dongle");
  }

  @Test
  void aCriticalPodTakesTheRoomOfTheLeastThatSuffices() throws InterruptedException {
    assertThat(admit(pod("large", "1200m"))).isEmpty();
    assertThat(admit(pod("small", "600m"))).isEmpty();
    assertThat(admit(critical("vital", "700m"))).isEmpty();
    assertThat(preempted).containsExactly("large");
  }

  @Test
  void aCriticalPodThatCannotFitPreemptsNobody() throws InterruptedException {
    assertThat(admit(pod("small", "600m"))).isEmpty();
    assertThat(admit(critical("vital", "3")).map(Refusal::reason)).contains("OutOfcpu");
    assertThat(preempted).isEmpty();
  }

  @Test
  void underPressureNothingElseIsAsked() throws InterruptedException {
    pressure = Optional.of(new Refusal("Evicted", "The node had condition: [MemoryPressure]. "));
    assertThat(admit(pod("one", "0"))).isEqualTo(pressure);
  }

  @Test
  void anUnsafeSysctlIsRefused() throws InterruptedException {
    Pod pod =
        new PodBuilder(pod("one", "0"))
            .editSpec()
            .withNewSecurityContext()
            .addNewSysctl("kernel.msgmax", "1")
            .endSecurityContext()
            .endSpec()
            .build();
    assertThat(admit(pod))
        .contains(
            new Refusal("SysctlForbidden", "forbidden sysctl: \"kernel.msgmax\" not allowlisted"));
  }

  private Optional<Refusal> admit(Pod pod) throws InterruptedException {
    return admission.admit(pod, victim -> preempted.add(victim.getMetadata().getName()));
  }

  private void resize(Pod wanted, List<String> answers) {
    String name = wanted.getMetadata().getName();
    admission.resize(
        wanted,
        why ->
            answers.add(
                name
                    + why.map(pending -> " " + pending.reason() + " " + pending.message())
                        .orElse(" given")));
  }

  private static Pod critical(String name, String cpu) {
    return new PodBuilder(pod(name, cpu)).editSpec().withPriority(2_000_000_000).endSpec().build();
  }

  private static Pod port(String name, String address, int port) {
    return new PodBuilder(pod(name, "0"))
        .editSpec()
        .editFirstContainer()
        .addNewPort()
        .withHostIP(address)
        .withHostPort(port)
        .withContainerPort(port)
        .endPort()
        .endContainer()
        .endSpec()
        .build();
  }

  private static Pod pod(String name, String cpu) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withUid(name)
        .endMetadata()
        .withNewSpec()
        .withNodeName("n1")
        .addNewContainer()
        .withName("main")
        .withNewResources()
        .addToRequests("cpu", new Quantity(cpu))
        .endResources()
        .endContainer()
        .endSpec()
        .withNewStatus()
        .withPhase("Pending")
        .endStatus()
        .build();
  }

  private static Node node(Map<String, String> labels) {
    return new NodeBuilder()
        .withNewMetadata()
        .withName("n1")
        .withLabels(labels)
        .endMetadata()
        .withNewSpec()
        .endSpec()
        .withNewStatus()
        .endStatus()
        .build();
  }

  private static final class FakeNode implements Admission.NodeSource {
    private Node known = node(Map.of());
    private Optional<Node> current = Optional.empty();
    private boolean away;

    @Override
    public Optional<Node> known() {
      return Optional.of(known);
    }

    @Override
    public Optional<Node> current() {
      if (away) {
        throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, "away");
      }
      return current;
    }
  }
}
