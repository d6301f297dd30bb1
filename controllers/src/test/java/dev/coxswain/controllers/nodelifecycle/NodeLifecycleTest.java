package dev.coxswain.controllers.nodelifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Workloads;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Nodes;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.runtime.client.DeleteOptions;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class NodeLifecycleTest {
  private static final Duration GRACE = Duration.ofSeconds(40);

  private final Simulation simulation =
      new Simulation(11, new NodeLifecycleController(GRACE), new TaintEvictionController());

  @BeforeEach
  void start() {
    simulation.restart();
  }

  @Test
  void aSilentNodeBecomesUnknownAndUnreachableAndItsPodsUnready() {
    nodes("a", "b", "c");
    pod("web", "a", 300L);
    alive(Duration.ofMinutes(2), "a", "b", "c");
    assertThat(Nodes.readiness(node("a"))).isEqualTo("True");
    assertThat(Nodes.taints(node("a"))).isEmpty();

    alive(Duration.ofMinutes(2), "b", "c");
    assertThat(Nodes.readiness(node("a"))).isEqualTo("Unknown");
    assertThat(Nodes.condition(node("a"), "Ready").orElseThrow().getReason())
        .isEqualTo("NodeStatusUnknown");
    assertThat(Nodes.condition(node("a"), "Ready").orElseThrow().getMessage())
        .isEqualTo("Kubelet stopped posting node status.");
    assertThat(Nodes.taints(node("a")))
        .extracting(taint -> taint.getKey() + ":" + taint.getEffect())
        .containsExactlyInAnyOrder(
            "node.kubernetes.io/unreachable:NoSchedule",
            "node.kubernetes.io/unreachable:NoExecute");
    assertThat(Pods.ready(stored("web"))).isFalse();
    assertThat(Meta.deleting(stored("web"))).isFalse();
    assertThat(Nodes.taints(node("b"))).isEmpty();
  }

  @Test
  void tellsOfNodesThatComeAndGo() {
    nodes("a", "b");
    alive(Duration.ofMinutes(1), "a", "b");
    simulation.api().resource(Node.class).delete(ObjectKey.cluster("a"), DeleteOptions.DEFAULT);
    simulation.settle();
    assertThat(simulation.events())
        .filteredOn(event -> event.about().equals("Node a"))
        .extracting(Simulation.Event::reason, Simulation.Event::message)
        .containsExactly(
            tuple("RegisteredNode", "Node a event: Registered Node a in Controller"),
            tuple("RemovingNode", "Node a event: Removing Node a from Controller"));
  }

  @Test
  void aPodIsDeletedWhenItsPatienceEndsAndNotBefore() {
    nodes("a", "b", "c");
    pod("patient", "a", 300L);
    pod("faithful", "a", null);
    alive(Duration.ofMinutes(5), "b", "c");
    assertThat(Meta.deleting(stored("patient"))).isFalse();
    alive(Duration.ofSeconds(100), "b", "c");
    assertThat(Meta.deleting(stored("patient"))).isTrue();
    assertThat(Pods.condition(stored("patient"), "DisruptionTarget").orElseThrow().getReason())
        .isEqualTo("DeletionByTaintManager");
    assertThat(Meta.deleting(stored("faithful"))).isFalse();
  }

  @Test
  void patienceMayBeOfAnyLength() {
    nodes("a", "b", "c");
    pod("patient", "a", Long.MAX_VALUE);
    alive(Duration.ofMinutes(2), "b", "c");
    assertThat(Nodes.taints(node("a"))).hasSize(2);
    assertThat(Meta.deleting(stored("patient"))).isFalse();
  }

  @Test
  void aPodThatComesLateHasAllItsPatience() {
    nodes("a", "b", "c");
    alive(Duration.ofMinutes(20), "b", "c");
    assertThat(Nodes.taints(node("a"))).hasSize(2);
    pod("late", "a", 300L);
    alive(Duration.ofSeconds(290), "b", "c");
    assertThat(Meta.deleting(stored("late"))).isFalse();
    alive(Duration.ofSeconds(30), "b", "c");
    assertThat(Meta.deleting(stored("late"))).isTrue();
  }

  @Test
  void aTaintInPlaceOfAnotherGivesNoMorePatience() {
    nodes("a", "b", "c");
    pod("web", "a", 300L);
    Pod web = stored("web");
    web.getSpec()
        .setTolerations(
            Stream.concat(
                    web.getSpec().getTolerations().stream(),
                    Stream.of(
                        new TolerationBuilder()
                            .withKey("node.kubernetes.io/not-ready")
                            .withOperator("Exists")
                            .withTolerationSeconds(300L)
                            .build()))
                .toList());
    simulation.api().resource(Pod.class).update(web);
    report("a", "False");
    alive(Duration.ofSeconds(200), "a", "b", "c");
    alive(Duration.ofSeconds(60), "b", "c");
    assertThat(Nodes.readiness(node("a"))).isEqualTo("Unknown");
    assertThat(Meta.deleting(stored("web"))).isFalse();
    alive(Duration.ofSeconds(60), "b", "c");
    assertThat(Meta.deleting(stored("web"))).isTrue();
  }

  @Test
  void ofSeveralThatTolerateATaintTheFirstCounts() {
    nodes("a", "b", "c");
    pod("web", "a", 10L);
    Pod web = stored("web");
    web.getSpec()
        .setTolerations(
            Stream.concat(
                    Stream.of(new TolerationBuilder().withOperator("Exists").build()),
                    web.getSpec().getTolerations().stream())
                .toList());
    simulation.api().resource(Pod.class).update(web);
    alive(Duration.ofMinutes(10), "b", "c");
    assertThat(Nodes.taints(node("a"))).hasSize(2);
    assertThat(Meta.deleting(stored("web"))).isFalse();
  }

  @Test
  void aNodeThatComesBackLosesItsTaintsAndKeepsItsPods() {
    nodes("a", "b", "c");
    pod("web", "a", 300L);
    alive(Duration.ofMinutes(2), "b", "c");
    assertThat(Nodes.taints(node("a"))).hasSize(2);
    report("a", "True");
    alive(Duration.ofSeconds(400), "a", "b", "c");
    assertThat(Nodes.taints(node("a"))).isEmpty();
    assertThat(Meta.deleting(stored("web"))).isFalse();
    assertThat(simulation.events())
        .filteredOn(event -> event.reason().equals("TaintManagerEviction"))
        .extracting(Simulation.Event::about, Simulation.Event::message)
        .containsExactly(tuple("Pod web", "Cancelling deletion of Pod default/web"));
  }

  @Test
  void nobodyIsEvictedWhenEveryNodeIsSilent() {
    nodes("a", "b", "c");
    pod("web", "a", 10L);
    alive(Duration.ofMinutes(10));
    assertThat(Stream.of("a", "b", "c").map(name -> Nodes.readiness(node(name))).toList())
        .containsOnly("Unknown");
    assertThat(Nodes.taints(node("a"))).extracting(Taint::getEffect).containsExactly("NoSchedule");
    assertThat(Meta.deleting(stored("web"))).isFalse();
  }

  @Test
  void aNodeThatSaysItIsNotReadyIsTaintedSo() {
    nodes("a", "b", "c");
    alive(Duration.ofSeconds(30), "a", "b", "c");
    report("a", "False");
    alive(Duration.ofSeconds(30), "a", "b", "c");
    assertThat(Nodes.taints(node("a")))
        .extracting(taint -> taint.getKey() + ":" + taint.getEffect())
        .containsExactlyInAnyOrder(
            "node.kubernetes.io/not-ready:NoSchedule", "node.kubernetes.io/not-ready:NoExecute");
  }

  @Test
  void aCordonedNodeIsTaintedAndOthersTaintsStay() {
    nodes("a", "b");
    simulation
        .api()
        .resource(Node.class)
        .update(
            new NodeBuilder(node("a"))
                .editOrNewSpec()
                .withUnschedulable(true)
                .addNewTaint()
                .withKey("dedicated")
                .withEffect("NoSchedule")
                .endTaint()
                .endSpec()
                .build());
    alive(Duration.ofSeconds(30), "a", "b");
    assertThat(Nodes.taints(node("a")))
        .extracting(Taint::getKey)
        .containsExactlyInAnyOrder("dedicated", "node.kubernetes.io/unschedulable");
  }

  private void nodes(String... names) {
    for (String name : names) {
      simulation.api().resource(Node.class).create(Workloads.node(name, "True"));
      simulation
          .api()
          .resource(Lease.class)
          .create(
              new LeaseBuilder()
                  .withNewMetadata()
                  .withName(name)
                  .withNamespace("kube-node-lease")
                  .endMetadata()
                  .withNewSpec()
                  .withHolderIdentity(name)
                  .endSpec()
                  .build());
    }
    simulation.rest();
  }

  /** Lets time pass while these nodes, and no others, renew their leases. */
  private void alive(Duration duration, String... names) {
    Set<String> renewing = Set.of(names);
    for (long seconds = 0; seconds < duration.toSeconds(); seconds += 10) {
      for (Lease lease : simulation.stored(Lease.class)) {
        if (renewing.contains(Meta.name(lease))) {
          lease
              .getSpec()
              .setRenewTime(ZonedDateTime.ofInstant(simulation.time().now(), ZoneOffset.UTC));
          simulation.api().resource(Lease.class).update(lease);
        }
      }
      simulation.rest();
      simulation.time().advance(Duration.ofSeconds(10));
      simulation.rest();
    }
  }

  private void report(String name, String ready) {
    Node node = node(name);
    simulation
        .api()
        .resource(Node.class)
        .updateStatus(
            new NodeBuilder(node)
                .editStatus()
                .withConditions(
                    List.of(
                        new NodeConditionBuilder()
                            .withType("Ready")
                            .withStatus(ready)
                            .withLastHeartbeatTime(simulation.time().now().toString())
                            .build()))
                .endStatus()
                .build());
  }

  private void pod(String name, String node, @org.jspecify.annotations.Nullable Long patience) {
    simulation
        .api()
        .seed(
            Pod.class,
            new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .withTolerations(
                    new TolerationBuilder()
                        .withKey("node.kubernetes.io/unreachable")
                        .withOperator("Exists")
                        .withEffect("NoExecute")
                        .withTolerationSeconds(patience)
                        .build())
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build());
  }

  private Node node(String name) {
    return simulation.stored(Node.class, "", name).orElseThrow();
  }

  private Pod stored(String name) {
    return simulation.stored(Pod.class, "default", name).orElseThrow();
  }
}
