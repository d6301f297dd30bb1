package dev.coxswain.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.etcd.WatchCreateRequest;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.mvcc.Keyspace;
import dev.coxswain.store.watch.WatchDispatcher;
import dev.coxswain.store.watch.WatchHub;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Whoever waits is answered as fast as it reads, and leaves nothing behind. */
final class CallerTest {
  private static final int PATIENCE_SECONDS = 60;

  private final SlowReader<String> reader = new SlowReader<>();
  private final Caller<String> caller = new Caller<>(reader);

  private Thread telling(String... answers) {
    return Thread.ofPlatform()
        .start(() -> {
          for (String answer : answers) {
            caller.tell(answer);
          }
        });
  }

  @Test
  void whatIsToldWaitsForWhoReadsSlowly() throws Exception {
    Thread telling = telling("one", "two");
    assertThat(reader.asked().await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(reader.read()).isEmpty();
    reader.reads();
    Awaitility.await().until(() -> reader.read().size() == 1);
    assertThat(telling.isAlive()).isTrue();
    reader.reads();
    telling.join(Duration.ofSeconds(PATIENCE_SECONDS));
    assertThat(reader.read()).containsExactly("one", "two");
  }

  @Test
  void nothingIsToldToWhoHasHungUp() throws Exception {
    Thread telling = telling("one", "two");
    assertThat(reader.asked().await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    reader.hangsUp();
    assertThat(telling.join(Duration.ofSeconds(PATIENCE_SECONDS))).isTrue();
    assertThat(reader.read()).isEmpty();
    assertThat(caller.isGone()).isTrue();
  }

  @Test
  void hangingUpIsHeardAlsoAfterwards() {
    List<String> heard = new CopyOnWriteArrayList<>();
    caller.whenGone(() -> heard.add("before"));
    Runnable bored = () -> heard.add("bored");
    caller.whenGone(bored);
    caller.forget(bored);
    reader.hangsUp();
    caller.whenGone(() -> heard.add("after"));
    assertThat(heard).containsExactly("before", "after");
  }

  /** An election may be observed for months, and see a new leader every minute. */
  @Test
  void aWatchThatHasEndedIsForgottenByItsCaller() {
    Keyspace keyspace = new Keyspace();
    WatchDispatcher watches =
        new WatchDispatcher(new WatchHub(() -> keyspace), new ManualTime(), Duration.ofHours(1));
    for (int i = 0; i < 3; i++) {
      try (Listening listening =
          new Listening(watches, WatchCreateRequest.getDefaultInstance(), caller)) {
        assertThat(listening.ready()).isTrue();
        assertThat(caller.listeners()).isOne();
      }
    }
    assertThat(caller.listeners()).isZero();
  }
}
