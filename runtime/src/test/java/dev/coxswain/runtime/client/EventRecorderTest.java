package dev.coxswain.runtime.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventRecorderTest {
  private final ManualTime time = new ManualTime();
  private final FakeApi api = new FakeApi(time, Randomness.seeded(1));
  private final EventRecorder recorder = new EventRecorder(api, "test", "h1", time);
  private final Pod pod =
      new PodBuilder()
          .withNewMetadata()
          .withName("a")
          .withNamespace("ns")
          .withUid("u1")
          .withResourceVersion("7")
          .endMetadata()
          .build();

  @Test
  void countsTheSameNewsUp() {
    recorder.event(pod, true, "FailedScheduling", "0/3 nodes are available");
    time.advance(Duration.ofSeconds(60));
    Pod later = new PodBuilder(pod).editMetadata().withResourceVersion("8").endMetadata().build();
    recorder.event(later, true, "FailedScheduling", "0/3 nodes are available");
    recorder.event(pod, false, "Scheduled", "to n1");
    recorder.close();

    List<Event> events = events();
    assertThat(events)
        .extracting(Event::getReason)
        .containsExactlyInAnyOrder("FailedScheduling", "Scheduled");
    Event failed =
        events.stream().filter(e -> e.getType().equals("Warning")).findFirst().orElseThrow();
    assertThat(failed.getCount()).isEqualTo(2);
    assertThat(failed.getMetadata().getNamespace()).isEqualTo("ns");
    assertThat(failed.getMetadata().getName()).matches("a\\.[0-9a-f]+");
    assertThat(failed.getInvolvedObject().getUid()).isEqualTo("u1");
    assertThat(failed.getSource().getComponent()).isEqualTo("test");
    assertThat(failed.getSource().getHost()).isEqualTo("h1");
  }

  @Test
  void ofNewsThatDifferOnlyInWordsAllButTheFirstAreToldByOneEvent() {
    for (int i = 1; i <= 12; i++) {
      recorder.event(pod, true, "FailedCreate", "Error creating: number " + i);
    }
    recorder.event(pod, true, "FailedCreate", "Error creating: number 1");
    recorder.event(pod, true, "FailedDelete", "Error deleting: number 1");
    recorder.close();

    assertThat(events()).hasSize(11);
    assertThat(events())
        .filteredOn(event -> event.getCount() > 1)
        .extracting(Event::getMessage, Event::getCount)
        .containsExactlyInAnyOrder(
            tuple("Error creating: number 1", 2),
            tuple("(combined from similar events): Error creating: number 12", 3));
  }

  @Test
  void newsOfAClusterScopedObjectGoesToTheDefaultNamespace() {
    Node node = new NodeBuilder().withNewMetadata().withName("n1").endMetadata().build();
    recorder.event(node, false, "NodeReady", "it is ready");
    recorder.close();
    assertThat(events())
        .extracting(event -> event.getMetadata().getNamespace())
        .containsExactly("default");
  }

  @Test
  void neitherAFailingServerNorAFloodReachesTheCaller() {
    api.faults(new FakeFaults(1, 0, 0, 0));
    for (int i = 0; i < 3 * EventRecorder.WAITING_LIMIT; i++) {
      recorder.event(pod, false, "Flood", "number " + i);
    }
    recorder.close();
    api.faults(FakeFaults.NONE);
    assertThat(events()).isEmpty();
  }

  @Test
  void newsWaitsForAServerThatIsAwayForAWhile() {
    api.faults(new FakeFaults(1, 0, 0, 0));
    recorder.event(pod, false, "Scheduled", "to n1");
    await().until(() -> time.waiting() == 1);
    recorder.event(pod, false, "Pulled", "by n1");
    String happened = time.now().toString();
    api.faults(FakeFaults.NONE);
    time.advance(Duration.ofSeconds(1));
    await().until(() -> events().size() == 2);
    assertThat(events()).extracting(Event::getLastTimestamp).containsOnly(happened);
    recorder.close();
  }

  @Test
  void newsWaitsForNoServerForever() {
    api.faults(new FakeFaults(1, 0, 0, 0));
    recorder.event(pod, false, "First", "is given up");
    for (int tries = 1; tries < EventRecorder.MAX_TRIES; tries++) {
      await().until(() -> time.waiting() == 1);
      time.advanceToNext();
    }
    recorder.event(pod, false, "Second", "comes through");
    await().until(() -> time.waiting() == 1);
    api.faults(FakeFaults.NONE);
    time.advanceToNext();
    recorder.close();
    assertThat(events()).extracting(Event::getReason).containsExactly("Second");
  }

  @Test
  void newsWhoseAnswerWasLostIsNotToldTwice() {
    api.faults(new FakeFaults(0, 1, 0, 0));
    recorder.event(pod, false, "Scheduled", "to n1");
    await().until(() -> time.waiting() == 1);
    api.faults(FakeFaults.NONE);
    recorder.event(pod, false, "Scheduled", "to n1");
    time.advance(Duration.ofSeconds(1));
    recorder.close();
    assertThat(events()).extracting(Event::getCount).containsExactly(2);
  }

  private List<Event> events() {
    return api.resource(Event.class).list("", ListOptions.ALL).items();
  }
}
