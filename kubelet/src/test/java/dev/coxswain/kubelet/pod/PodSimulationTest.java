package dev.coxswain.kubelet.pod;

import static dev.coxswain.kubelet.pod.Story.container;
import static dev.coxswain.kubelet.pod.Story.pod;

import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.LifecycleBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many lives of many pods, each from a seed that a failure prints. */
final class PodSimulationTest {
  private static final int LIVES = 250;
  private static final int STEPS = 400;

  @ParameterizedTest
  @ValueSource(strings = {"Always", "OnFailure", "Never"})
  void promisesHoldWhateverFails(String restartPolicy) {
    for (long seed = 1; seed <= LIVES; seed++) {
      Randomness random = Randomness.seeded(seed);
      try {
        new Simulation(random, anyPod(restartPolicy, random)).run(STEPS);
      } catch (AssertionError broken) {
        throw new AssertionError("policy " + restartPolicy + ", seed " + seed, broken);
      }
    }
  }

  private static Pod anyPod(String restartPolicy, Randomness random) {
    PodBuilder pod = new PodBuilder(pod(restartPolicy, container("app"), container("helper")));
    if (random.chance(0.4)) {
      pod.editSpec().withInitContainers(container("init")).endSpec();
    }
    if (random.chance(0.3)) {
      Container sidecar = container("proxy");
      sidecar.setRestartPolicy("Always");
      sidecar.setLifecycle(
          new LifecycleBuilder().withNewPreStop().withNewSleep(1L).endPreStop().build());
      pod.editSpec().withInitContainers(List.of(container("init"), sidecar)).endSpec();
    }
    return pod.build();
  }
}
