package dev.coxswain.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many streams have something to do on one event loop, and requests come in between. */
final class TurnsTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Turns turns = new Turns(channel.eventLoop());
  private final List<Integer> done = new ArrayList<>();

  @Test
  void whatIsForNowDoesNotWaitForAllOfThem() {
    List<Integer> doneBefore = new ArrayList<>();
    IntStream.range(0, 100).forEach(n -> turns.add(() -> done.add(n)));
    channel.eventLoop().execute(() -> doneBefore.add(done.size()));
    channel.runPendingTasks();
    assertThat(doneBefore).containsExactly(Turns.AT_ONCE);
    untilDone(100);
    assertThat(done).as("in order").containsExactlyElementsOf(range(100));
  }

  @Test
  void oneThatFailsDoesNotHoldUpTheOthers() {
    turns.add(() -> {
      throw new IllegalStateException("broken");
    });
    turns.add(() -> done.add(0));
    untilDone(1);
  }

  @Test
  void whoAsksAgainGetsAnotherTurn() {
    turns.add(() -> {
      done.add(0);
      turns.add(() -> done.add(1));
    });
    untilDone(2);
    turns.add(() -> done.add(2));
    untilDone(3);
  }

  private void untilDone(int count) {
    for (int rounds = 0; rounds < 100 && done.size() < count; rounds++) {
      channel.runPendingTasks();
      channel.runScheduledPendingTasks();
    }
    assertThat(done).hasSize(count);
  }

  private static List<Integer> range(int end) {
    return IntStream.range(0, end).boxed().toList();
  }
}
