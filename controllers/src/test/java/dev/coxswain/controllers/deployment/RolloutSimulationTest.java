package dev.coxswain.controllers.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.controllers.manager.PodLife;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.replicaset.ReplicaSetController;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rollouts while calls fail, answers get lost, caches lag and controllers crash. */
final class RolloutSimulationTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
  void aRollingUpdateKeepsItsBoundsAndEnds(int decade) {
    for (long seed = decade * 10L; seed < decade * 10L + 10; seed++) {
      var simulation = new Simulation(seed, new DeploymentController(), new ReplicaSetController());
      simulation.actor(new PodLife(simulation)).restart();
      int replicas = 1 + (int) simulation.random().below(6);
      int surge = (int) simulation.random().below(3);
      int unavailable = surge == 0 ? 1 : (int) simulation.random().below(Math.min(3, replicas + 1));
      simulation
          .api()
          .resource(Deployment.class)
          .create(
              Deployments.rolling(
                  "web", replicas, Integer.toString(surge), Integer.toString(unavailable)));
      simulation.settle();
      Runnable bounds =
          () -> {
            assertThat(Deployments.active(simulation)).isLessThanOrEqualTo(replicas + surge);
            assertThat(Deployments.available(simulation))
                .isGreaterThanOrEqualTo(replicas - unavailable);
          };
      for (int version = 2; version < 5; version++) {
        roll(simulation, "demo:" + version);
        simulation.storm(120, FakeFaults.SOME, bounds);
        if (simulation.random().chance(0.5)) {
          simulation.restart();
        }
      }
      simulation.settle(bounds);
      assertThat(simulation.stored(Pod.class))
          .as(simulation.recent())
          .hasSize(replicas)
          .allMatch(pod -> Deployments.image(pod).equals("demo:4"));
      Deployment web = simulation.stored(Deployment.class, "default", "web").orElseThrow();
      assertThat(Progress.complete(web, web.getStatus())).as(simulation.recent()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void recreateNeverOverlapsWhateverFails(int decade) {
    for (long seed = decade * 10L; seed < decade * 10L + 10; seed++) {
      var simulation = new Simulation(seed, new DeploymentController(), new ReplicaSetController());
      simulation.actor(new PodLife(simulation)).restart();
      simulation.api().resource(Deployment.class).create(Deployments.recreate("web", 3));
      simulation.settle();
      Runnable oneImage =
          () ->
              assertThat(
                      simulation.stored(Pod.class).stream()
                          .map(Deployments::image)
                          .distinct()
                          .count())
                  .isLessThanOrEqualTo(1);
      roll(simulation, "demo:2");
      simulation.storm(200, FakeFaults.SOME, oneImage);
      simulation.restart();
      simulation.settle(oneImage);
      assertThat(simulation.stored(Pod.class))
          .as(simulation.recent())
          .hasSize(3)
          .allMatch(pod -> Deployments.image(pod).equals("demo:2"));
    }
  }

  private static void roll(Simulation simulation, String image) {
    simulation.calmly(() ->
        simulation
            .api()
            .resource(Deployment.class)
            .update(
                Deployments.withImage(
                    simulation.stored(Deployment.class, "default", "web").orElseThrow(), image)));
  }
}
