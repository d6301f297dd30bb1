package dev.coxswain.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.runtime.client.EventRecorder;
import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.client.ListOptions;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.scheduler.model.Pods;
import io.fabric8.kubernetes.api.model.Event;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How the program is put together. */
final class SchedulerCommandTest {
  @Test
  void anEventComesFromTheProfileThatTellsIt() {
    SystemTime time = new SystemTime();
    try (FakeApi api = new FakeApi(time, Randomness.seeded(1));
        EventRecorder usual = new EventRecorder(api, "default-scheduler", "", time);
        EventRecorder batch = new EventRecorder(api, "batch-scheduler", "", time)) {
      SchedulerCommand.announcer(Map.of("default-scheduler", usual, "batch-scheduler", batch))
          .event("batch-scheduler", Pods.pod("p", 1, 1), true, "FailedScheduling", "full");
      await()
          .untilAsserted(() ->
              assertThat(api.resource(Event.class).list("default", ListOptions.ALL).items())
                  .extracting(event -> event.getSource().getComponent())
                  .containsExactly("batch-scheduler"));
    }
  }
}
