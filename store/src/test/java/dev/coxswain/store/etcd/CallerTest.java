package dev.coxswain.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.etcd.WatchCreateRequest;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.mvcc.Keyspace;
import dev.coxswain.store.watch.WatchDispatcher;
import dev.coxswain.store.watch.WatchHub;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Whoever waits is answered as fast as it reads, and leaves nothing behind. */
final class CallerTest {
  private static final int PATIENCE_SECONDS = 60;

  private final Reader reader = new Reader();
  private final Caller<String> caller = new Caller<>(reader);

  /** A client that reads when the test says so. */
  private static final class Reader extends ServerCallStreamObserver<String> {
    private final List<String> read = new CopyOnWriteArrayList<>();
    private final CountDownLatch asked = new CountDownLatch(1);
    private volatile boolean ready;
    private volatile boolean cancelled;
    private Runnable onReady = () -> {};
    private Runnable onCancel = () -> {};

    void reads() {
      ready = true;
      onReady.run();
    }

    void hangsUp() {
      cancelled = true;
      onCancel.run();
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
      onCancel = handler;
    }

    @Override
    public boolean isReady() {
      asked.countDown();
      return ready;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
      onReady = handler;
    }

    @Override
    public void onNext(String answer) {
      ready = false;
      read.add(answer);
    }

    @Override
    public void setCompression(String compression) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }

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
    assertThat(reader.asked.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(reader.read).isEmpty();
    reader.reads();
    Awaitility.await().until(() -> reader.read.size() == 1);
    assertThat(telling.isAlive()).isTrue();
    reader.reads();
    telling.join(Duration.ofSeconds(PATIENCE_SECONDS));
    assertThat(reader.read).containsExactly("one", "two");
  }

  @Test
  void nothingIsToldToWhoHasHungUp() throws Exception {
    Thread telling = telling("one", "two");
    assertThat(reader.asked.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    reader.hangsUp();
    assertThat(telling.join(Duration.ofSeconds(PATIENCE_SECONDS))).isTrue();
    assertThat(reader.read).isEmpty();
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
