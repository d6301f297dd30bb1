package dev.coxswain.controllers.podgc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Workloads;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.DeleteOptions;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PodGarbageCollectorTest {
  private final Simulation simulation = new Simulation(9, new PodGarbageCollector());

  @BeforeEach
  void start() {
    simulation.restart();
    node("a");
    node("b");
  }

  @Test
  void aPodOfANodeThatIsGoneGoesAfterAWhile() {
    pod("lost", "a");
    pod("other", "b");
    simulation.rest();
    simulation.api().resource(Node.class).delete(ObjectKey.cluster("a"), DeleteOptions.DEFAULT);
    simulation.rest();
    assertThat(names()).containsExactly("lost", "other");
    simulation.pass(PodGarbageCollector.QUARANTINE);
    assertThat(names()).containsExactly("other");
  }

  @Test
  void aPodThatIsDeletedBeforeItHasANodeGoesAtOnce() {
    pod("early", "");
    hold("early");
    simulation.rest();
    simulation
        .api()
        .resource(Pod.class)
        .delete(new ObjectKey("default", "early"), DeleteOptions.DEFAULT);
    simulation.rest();
    Pod early = simulation.stored(Pod.class, "default", "early").orElseThrow();
    assertThat(Meta.deleting(early)).isTrue();
    assertThat(early.getMetadata().getDeletionGracePeriodSeconds()).isZero();
  }

  @Test
  void aTerminatingPodOfANodeOutOfServiceGoesAndANodeThatIsOnlySilentKeepsIt() {
    pod("stuck", "a");
    pod("waiting", "b");
    for (String name : List.of("stuck", "waiting")) {
      simulation
          .api()
          .resource(Pod.class)
          .delete(new ObjectKey("default", name), DeleteOptions.DEFAULT);
    }
    simulation.rest();
    assertThat(names()).containsExactly("stuck", "waiting");
    Node node = simulation.stored(Node.class, "", "a").orElseThrow();
    simulation
        .api()
        .resource(Node.class)
        .update(
            new NodeBuilder(node)
                .editOrNewSpec()
                .addNewTaint()
                .withKey("node.kubernetes.io/out-of-service")
                .withEffect("NoExecute")
                .endTaint()
                .endSpec()
                .build());
    simulation.pass(Duration.ofMinutes(1));
    assertThat(names()).containsExactly("waiting");
  }

  private void node(String name) {
    simulation.api().resource(Node.class).create(Workloads.node(name, "Unknown"));
  }

  private void pod(String name, String node) {
    simulation
        .api()
        .resource(Pod.class)
        .create(
            new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withNodeName(node.isEmpty() ? null : node)
                .endSpec()
                .build());
  }

  private void hold(String name) {
    Pod pod = simulation.stored(Pod.class, "default", name).orElseThrow();
    simulation
        .api()
        .resource(Pod.class)
        .update(
            new PodBuilder(pod).editMetadata().addToFinalizers("test/hold").endMetadata().build());
  }

  private List<String> names() {
    return simulation.stored(Pod.class).stream().map(Meta::name).toList();
  }
}
