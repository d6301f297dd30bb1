package dev.coxswain.store.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.WatchCreateRequest;
import dev.coxswain.proto.etcd.WatchResponse;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.mvcc.Keyspace;
import dev.coxswain.store.mvcc.Transaction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Quiet watches that asked for it are told how far they are, once in each interval. */
final class WatchDispatcherTest {
  private static final Duration INTERVAL = Duration.ofMinutes(10);
  private static final Duration MOMENT = Duration.ofMillis(1);

  private final Keyspace keyspace = new Keyspace();
  private final ManualTime time = new ManualTime();
  private final WatchDispatcher dispatcher =
      new WatchDispatcher(new WatchHub(() -> keyspace), time, INTERVAL);
  private final Client curious = new Client();
  private final Client content = new Client();

  private static final class Client implements WatchSink {
    private final BlockingQueue<WatchResponse> heard = new LinkedBlockingQueue<>();

    @Override
    public boolean ready() {
      return true;
    }

    @Override
    public void send(WatchResponse response) {
      heard.add(response);
    }

    WatchResponse next() throws InterruptedException {
      return Objects.requireNonNull(heard.poll(20, TimeUnit.SECONDS), "nothing came");
    }
  }

  @BeforeEach
  void start() throws InterruptedException {
    dispatcher.start();
    open(curious, true);
    open(content, false);
    assertThat(curious.next().getCreated()).isTrue();
    assertThat(content.next().getCreated()).isTrue();
    settle();
  }

  @AfterEach
  void stop() throws InterruptedException {
    dispatcher.stop();
  }

  @Test
  void quietWatchesThatAskedAreToldOnceInEachInterval() throws InterruptedException {
    advance(INTERVAL.minus(MOMENT));
    put("elsewhere");
    settle();
    advance(MOMENT);
    WatchResponse first = curious.next();
    assertThat(first.getEventsCount()).isZero();
    assertThat(first.getHeader().getRevision())
        .as("told at the interval's end, not before")
        .isEqualTo(2);
    put("elsewhere");
    settle();
    advance(INTERVAL);
    assertThat(curious.next().getHeader().getRevision()).isEqualTo(3);
    assertThat(curious.heard).isEmpty();
    assertThat(content.heard).as("who did not ask").isEmpty();
  }

  private void open(Client client, boolean progress) {
    dispatcher.post(hub ->
        hub.create(
            hub.open(client),
            WatchCreateRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("watched"))
                .setProgressNotify(progress)
                .build()));
  }

  /** Moves the clock, and lets the dispatcher see it. */
  private void advance(Duration duration) throws InterruptedException {
    time.advance(duration);
    settle();
  }

  /** Waits until the dispatcher hears us; what was written before, it sees before the clock. */
  private void settle() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    dispatcher.post(hub -> done.countDown());
    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
  }

  private void put(String key) {
    Transaction transaction = keyspace.begin();
    transaction.put(key.getBytes(StandardCharsets.UTF_8), ByteString.copyFromUtf8("x"), 0);
    transaction.commit();
    dispatcher.wake();
  }
}
