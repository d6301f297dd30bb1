package dev.coxswain.controllers.daemonset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.controllers.manager.PodLife;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Workloads;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DaemonSetControllerTest {
  private Simulation simulation = new Simulation(4, new DaemonSetController());
  private String startingImage = "demo:1";

  @Test
  void everyNodeHasOnePodNewAndCordonedOnesToo() {
    begin(3);
    create(set(1, 0));
    simulation.settle();
    assertThat(nodesOfPods()).containsOnlyKeys("node-0", "node-1", "node-2");
    node(3, "node.kubernetes.io/unschedulable", "NoSchedule");
    simulation.settle();
    assertThat(nodesOfPods()).containsOnlyKeys("node-0", "node-1", "node-2", "node-3");
    var status = stored().getStatus();
    assertThat(status.getDesiredNumberScheduled()).isEqualTo(4);
    assertThat(status.getNumberReady()).isEqualTo(4);
    assertThat(status.getUpdatedNumberScheduled()).isEqualTo(4);
    assertThat(status.getNumberUnavailable()).isNull();
  }

  @Test
  void aTaintKeepsNewOnesAwayAndAHarderOneDrivesThemOut() {
    begin(1);
    node(1, "dedicated", "NoSchedule");
    create(set(1, 0));
    simulation.settle();
    assertThat(nodesOfPods()).containsOnlyKeys("node-0");
    Node first = simulation.stored(Node.class, "", "node-0").orElseThrow();
    simulation
        .api()
        .resource(Node.class)
        .update(
            new NodeBuilder(first)
                .editSpec()
                .addNewTaint()
                .withKey("dedicated")
                .withEffect("NoExecute")
                .endTaint()
                .endSpec()
                .build());
    simulation.settle();
    assertThat(nodesOfPods()).isEmpty();
    assertThat(stored().getStatus().getDesiredNumberScheduled()).isZero();
  }

  @Test
  void tellsWhyAPodCannotBeDeleted() {
    begin(1);
    create(set(1, 0));
    simulation.settle();
    Node first = simulation.stored(Node.class, "", "node-0").orElseThrow();
    simulation
        .api()
        .resource(Node.class)
        .update(
            new NodeBuilder(first)
                .editSpec()
                .addNewTaint()
                .withKey("dedicated")
                .withEffect("NoExecute")
                .endTaint()
                .endSpec()
                .build());
    simulation.storm(100, new FakeFaults(1, 0, 0, 0), () -> {});
    assertThat(simulation.events())
        .anyMatch(event ->
            event.warning()
                && event.reason().equals("FailedDelete")
                && event.message().startsWith("Error deleting: "));
    simulation.settle();
    assertThat(pods()).isEmpty();
  }

  @Test
  void aPodThatMayStayWhereNoOtherWouldComeIsCounted() {
    begin(2);
    create(set(1, 0));
    simulation.settle();
    Node first = simulation.stored(Node.class, "", "node-0").orElseThrow();
    simulation
        .api()
        .resource(Node.class)
        .update(
            new NodeBuilder(first)
                .editSpec()
                .addNewTaint()
                .withKey("dedicated")
                .withEffect("NoSchedule")
                .endTaint()
                .endSpec()
                .build());
    simulation.settle();
    assertThat(nodesOfPods()).containsOnlyKeys("node-0", "node-1");
    assertThat(stored().getStatus().getDesiredNumberScheduled()).isEqualTo(1);
    assertThat(stored().getStatus().getNumberMisscheduled()).isEqualTo(1);
  }

  @Test
  void aNodeThatTurnsItsPodAwayAgainAndAgainGetsOneEverLessOften() {
    begin(1);
    create(set(1, 0));
    simulation.actor(() ->
        simulation.calmly(() -> {
          List<Pod> living = pods().stream().filter(Pods::active).toList();
          living.forEach(pod ->
              simulation
                  .api()
                  .resource(Pod.class)
                  .updateStatus(
                      new PodBuilder(pod)
                          .editOrNewStatus()
                          .withPhase("Failed")
                          .endStatus()
                          .build()));
          return !living.isEmpty();
        }));
    simulation.settle();
    simulation.pass(Duration.ofMinutes(10));
    long killed =
        simulation.events().stream()
            .filter(event -> event.reason().equals("FailedDaemonPod"))
            .count();
    assertThat(killed).isBetween(4L, 10L);
    assertThat(pods()).hasSize(1).allMatch(Pods::failed);
  }

  @Test
  void onlyNodesThatTheTemplateSelects() {
    begin(3);
    create(
        new DaemonSetBuilder(set(1, 0))
            .editSpec()
            .editTemplate()
            .editSpec()
            .addToNodeSelector("number", "1")
            .endSpec()
            .endTemplate()
            .endSpec()
            .build());
    simulation.settle();
    assertThat(nodesOfPods()).containsOnlyKeys("node-1");
  }

  @Test
  void aFailedPodIsReplaced() {
    begin(1);
    create(set(1, 0));
    simulation.settle();
    Pod pod = pods().getFirst();
    simulation
        .api()
        .resource(Pod.class)
        .updateStatus(new PodBuilder(pod).editStatus().withPhase("Failed").endStatus().build());
    simulation.settle();
    assertThat(pods()).hasSize(1).noneMatch(other -> Meta.uid(other).equals(Meta.uid(pod)));
    assertThat(simulation.events()).anyMatch(event -> event.reason().equals("FailedDaemonPod"));
  }

  @Test
  void rollsNodeByNodeAndRemembersItsRevisions() {
    begin(4);
    create(set(1, 0));
    simulation.settle();
    change(DaemonSetControllerTest::secondImage);
    simulation.settle(() -> assertThat(available()).isGreaterThanOrEqualTo(3));
    assertThat(pods()).hasSize(4).allMatch(pod -> image(pod).equals("demo:2"));
    // As other clients would write it: they compare the bytes.
    assertThat(
            Json.mapper()
                .writeValueAsString(
                    simulation.stored(ControllerRevision.class).getFirst().getData()))
        .startsWith("{\"spec\":{\"template\":{\"$patch\":\"replace\",\"metadata\":{\"labels\":");
    assertThat(simulation.stored(ControllerRevision.class))
        .extracting(ControllerRevision::getRevision)
        .containsExactlyInAnyOrder(1L, 2L);
    change(set ->
        new DaemonSetBuilder(set)
            .editSpec()
            .editTemplate()
            .editSpec()
            .editFirstContainer()
            .withImage("demo:1")
            .endContainer()
            .endSpec()
            .endTemplate()
            .endSpec()
            .build());
    simulation.settle();
    assertThat(simulation.stored(ControllerRevision.class))
        .extracting(ControllerRevision::getRevision)
        .containsExactlyInAnyOrder(2L, 3L);
  }

  @Test
  void aRevisionThatSomebodyElseWroteDownCountsAsTheNewest() {
    begin(1);
    create(set(1, 0));
    simulation.settle();
    ControllerRevision first = simulation.stored(ControllerRevision.class).getFirst();
    simulation
        .api()
        .resource(ControllerRevision.class)
        .create(
            new ControllerRevisionBuilder(first)
                .editMetadata()
                .withName("agent-again")
                .withUid(null)
                .withResourceVersion(null)
                .addToLabels("controller-revision-hash", "again")
                .endMetadata()
                .withRevision(2L)
                .build());
    simulation.settle();
    assertThat(simulation.stored(ControllerRevision.class))
        .extracting(ControllerRevision::getRevision)
        .containsExactlyInAnyOrder(1L, 2L);
    change(DaemonSetControllerTest::secondImage);
    simulation.settle();
    assertThat(simulation.stored(ControllerRevision.class))
        .extracting(ControllerRevision::getRevision)
        .containsExactlyInAnyOrder(1L, 2L, 3L);
  }

  @Test
  void aSurgeKeepsEveryNodeServed() {
    begin(3);
    create(set(0, 1));
    simulation.settle();
    change(DaemonSetControllerTest::secondImage);
    simulation.settle(() -> {
      assertThat(available()).isGreaterThanOrEqualTo(3);
      assertThat(pods().stream().filter(Pods::active)).hasSizeLessThanOrEqualTo(4);
    });
    assertThat(pods()).hasSize(3).allMatch(pod -> image(pod).equals("demo:2"));
  }

  @Test
  void aSurgeKeepsNoOldPodThatServesNobody() {
    simulation
        .actor(new PodLife(simulation, pod -> image(pod).equals(startingImage), DaemonPods::node))
        .restart();
    node(0, "", "");
    create(set(0, 1));
    simulation.settle();
    startingImage = "none";
    change(DaemonSetControllerTest::secondImage);
    simulation.settle();
    assertThat(pods()).extracting(DaemonSetControllerTest::image).contains("demo:1", "demo:2");
    Pod old = pods().stream().filter(Pods::ready).findFirst().orElseThrow();
    simulation
        .api()
        .resource(Pod.class)
        .updateStatus(
            new PodBuilder(old)
                .editStatus()
                .editFirstCondition()
                .withStatus("False")
                .endCondition()
                .endStatus()
                .build());
    simulation.settle();
    assertThat(pods()).extracting(DaemonSetControllerTest::image).containsExactly("demo:2");
  }

  @Test
  void ofTwoOnANodeTheOneThatHasItStays() {
    begin(1);
    create(set(1, 0));
    simulation.settle();
    Pod running = pods().getFirst();
    simulation
        .api()
        .resource(Pod.class)
        .create(
            new PodBuilder(DaemonPods.create(stored(), "node-0", hash(running), "agent-twin"))
                .editMetadata()
                .withCreationTimestamp("2001-01-01T00:00:00Z")
                .endMetadata()
                .build());
    simulation.settle();
    assertThat(pods()).extracting(Meta::uid).containsExactly(Meta.uid(running));
  }

  @Test
  void aDaemonThatToleratesTroubleForAWhileToleratesItForGood() {
    begin(1);
    create(
        new DaemonSetBuilder(set(1, 0))
            .editSpec()
            .editTemplate()
            .editSpec()
            .addNewToleration()
            .withKey("node.kubernetes.io/unreachable")
            .withOperator("Exists")
            .withEffect("NoExecute")
            .withTolerationSeconds(60L)
            .endToleration()
            .endSpec()
            .endTemplate()
            .endSpec()
            .build());
    simulation.settle();
    assertThat(pods().getFirst().getSpec().getTolerations())
        .filteredOn(toleration -> toleration.getKey().equals("node.kubernetes.io/unreachable"))
        .singleElement()
        .satisfies(toleration -> assertThat(toleration.getTolerationSeconds()).isNull());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void neverTwoOnANodeAndRollsToTheEndWhateverFails(int decade) {
    for (long seed = decade * 10L; seed < decade * 10L + 10; seed++) {
      simulation = new Simulation(seed, new DaemonSetController());
      begin(4);
      create(set(1, 0));
      Runnable oneEach =
          () ->
              assertThat(
                      pods().stream()
                          .filter(pod -> !Pods.finished(pod))
                          .collect(Collectors.groupingBy(DaemonPods::node, Collectors.counting()))
                          .values())
                  .allMatch(count -> count == 1);
      simulation.storm(150, FakeFaults.SOME, oneEach);
      simulation.restart();
      simulation.calmly(() -> {
        change(DaemonSetControllerTest::secondImage);
        return simulation
            .api()
            .resource(Pod.class)
            .list("", dev.coxswain.runtime.client.ListOptions.ALL);
      });
      simulation.storm(150, FakeFaults.SOME, oneEach);
      pods().stream()
          .findFirst()
          .ifPresent(pod ->
              simulation.api().resource(Pod.class).delete(Meta.key(pod), DeleteOptions.DEFAULT));
      simulation.settle(oneEach);
      assertThat(pods())
          .as(simulation.recent())
          .hasSize(4)
          .allMatch(pod -> image(pod).equals("demo:2") && Pods.ready(pod));
    }
  }

  private void begin(int nodes) {
    simulation.actor(new PodLife(simulation, pod -> true, DaemonPods::node)).restart();
    for (int i = 0; i < nodes; i++) {
      node(i, "", "");
    }
  }

  private void node(int number, String taint, String effect) {
    var node =
        new NodeBuilder()
            .withNewMetadata()
            .withName("node-" + number)
            .withLabels(Map.of("number", Integer.toString(number)))
            .endMetadata()
            .withNewSpec();
    if (!taint.isEmpty()) {
      node.addNewTaint().withKey(taint).withEffect(effect).endTaint();
    }
    simulation.api().resource(Node.class).create(node.endSpec().build());
  }

  private void create(DaemonSet set) {
    simulation.api().resource(DaemonSet.class).create(set);
  }

  private void change(UnaryOperator<DaemonSet> change) {
    simulation.api().resource(DaemonSet.class).update(change.apply(stored()));
  }

  private DaemonSet stored() {
    return simulation.stored(DaemonSet.class, "kube-system", "agent").orElseThrow();
  }

  private List<Pod> pods() {
    return simulation.stored(Pod.class);
  }

  private Map<String, List<Pod>> nodesOfPods() {
    return pods().stream().collect(Collectors.groupingBy(Pods::node));
  }

  private int available() {
    return Math.toIntExact(
        pods().stream().filter(pod -> Pods.active(pod) && Pods.ready(pod)).count());
  }

  private static String hash(Pod pod) {
    return Meta.labels(pod).getOrDefault("controller-revision-hash", "");
  }

  private static String image(Pod pod) {
    return pod.getSpec().getContainers().getFirst().getImage();
  }

  private static DaemonSet secondImage(DaemonSet set) {
    return new DaemonSetBuilder(set)
        .editSpec()
        .withTemplate(Workloads.withImage(set.getSpec().getTemplate(), "demo:2"))
        .endSpec()
        .build();
  }

  private static DaemonSet set(int maxUnavailable, int maxSurge) {
    return new DaemonSetBuilder()
        .withNewMetadata()
        .withName("agent")
        .withNamespace("kube-system")
        .endMetadata()
        .withNewSpec()
        .withRevisionHistoryLimit(10)
        .withNewUpdateStrategy()
        .withType("RollingUpdate")
        .withNewRollingUpdate()
        .withMaxUnavailable(new IntOrString(maxUnavailable))
        .withMaxSurge(new IntOrString(maxSurge))
        .endRollingUpdate()
        .endUpdateStrategy()
        .withNewSelector()
        .withMatchLabels(Map.of("app", "agent"))
        .endSelector()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(Map.of("app", "agent"))
        .endMetadata()
        .withNewSpec()
        .withTerminationGracePeriodSeconds(30L)
        .addNewContainer()
        .withName("main")
        .withImage("demo:1")
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }
}
