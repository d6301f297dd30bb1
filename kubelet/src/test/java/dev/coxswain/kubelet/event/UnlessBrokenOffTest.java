package dev.coxswain.kubelet.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class UnlessBrokenOffTest {
  private final List<String> told = new ArrayList<>();
  private final PodEvents events =
      new UnlessBrokenOff(
          new PodEvents() {
            @Override
            public void normal(Pod pod, String container, String reason, String message) {
              told.add("Normal " + reason);
            }

            @Override
            public void warning(Pod pod, String container, String reason, String message) {
              told.add("Warning " + reason);
            }
          });

  @Test
  void whatFailsIsTold() {
    events.warning(new Pod(), "", "FailedCreatePodSandBox", "no address is left");
    assertThat(told).containsExactly("Warning FailedCreatePodSandBox");
  }

  @Test
  void whatIsBrokenOffHasNotFailed() {
    Thread.currentThread().interrupt();
    try {
      events.warning(new Pod(), "", "FailedCreatePodSandBox", "Thread interrupted");
      events.normal(new Pod(), "main", "Killing", "Stopping container main");
    } finally {
      assertThat(Thread.interrupted()).as("the interruption is left to whom it is for").isTrue();
    }
    assertThat(told).containsExactly("Normal Killing");
  }
}
