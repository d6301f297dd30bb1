package dev.coxswain.store.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.Event;
import dev.coxswain.proto.etcd.WatchCreateRequest;
import dev.coxswain.proto.etcd.WatchResponse;
import dev.coxswain.store.mvcc.KeyRange;
import dev.coxswain.store.mvcc.Keyspace;
import dev.coxswain.store.mvcc.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WatchHubTest {
  private final Keyspace keyspace = new Keyspace();
  private final WatchHub hub = new WatchHub(() -> keyspace);
  private final Recorder client = new Recorder();
  private final WatchStream stream = hub.open(client);

  private static final class Recorder implements WatchSink {
    private final List<WatchResponse> responses = new ArrayList<>();
    private boolean ready = true;

    @Override
    public boolean ready() {
      return ready;
    }

    @Override
    public void send(WatchResponse response) {
      responses.add(response);
    }

    WatchResponse take() {
      return responses.removeFirst();
    }
  }

  @Test
  void aWatchOfNoKeysIsRefused() {
    ByteString a = ByteString.copyFromUtf8("a");
    hub.create(stream, watch("b").setRangeEnd(a).build());
    assertThat(client.take())
        .matches(WatchResponse::getCanceled)
        .returns(-1L, WatchResponse::getWatchId)
        .returns("mvcc: watcher range is empty", WatchResponse::getCancelReason);
    hub.create(stream, watch("a").setRangeEnd(a).build());
    assertThat(client.take()).matches(WatchResponse::getCanceled);
    hub.create(stream, watch("a").setRangeEnd(ByteString.copyFrom(new byte[] {0})).build());
    assertThat(client.take()).matches(response -> !response.getCanceled());
  }

  @Test
  void newWatchIsConfirmedAndGetsWhatIsWrittenAfterwards() {
    put("a", "before");
    hub.create(stream, watch("a").build());
    assertThat(client.take())
        .matches(WatchResponse::getCreated)
        .returns(0L, WatchResponse::getWatchId);
    put("a", "after");
    put("b", "other");
    pump();
    WatchResponse response = client.take();
    assertThat(response.getEventsList())
        .extracting(event -> event.getKv().getValue().toStringUtf8())
        .containsExactly("after");
    assertThat(response.getHeader().getRevision()).isEqualTo(4);
    assertThat(client.responses).isEmpty();
  }

  @Test
  void oneRevisionIsOneResponse() {
    hub.create(stream, watch("a").setRangeEnd(ByteString.copyFromUtf8("z")).build());
    client.take();
    Transaction transaction = keyspace.begin();
    for (int i = 0; i < 300; i++) {
      transaction.put(bytes("k" + i), ByteString.copyFrom(new byte[10_000]), 0);
    }
    transaction.commit();
    pump();
    assertThat(client.take().getEventsCount()).isEqualTo(300);
    assertThat(client.responses).isEmpty();
  }

  @Test
  void fragmentsCarryTheirMarkButForTheLast() {
    hub.create(
        stream, watch("a").setRangeEnd(ByteString.copyFromUtf8("z")).setFragment(true).build());
    client.take();
    Transaction transaction = keyspace.begin();
    for (int i = 0; i < 300; i++) {
      transaction.put(bytes("k" + i), ByteString.copyFrom(new byte[10_000]), 0);
    }
    transaction.commit();
    pump();
    assertThat(client.responses.size()).isGreaterThan(1);
    assertThat(client.responses.getLast().getFragment()).isFalse();
    assertThat(client.responses.subList(0, client.responses.size() - 1))
        .allMatch(WatchResponse::getFragment);
    assertThat(client.responses.stream().mapToInt(WatchResponse::getEventsCount).sum())
        .isEqualTo(300);
  }

  @Test
  void filtersAndPreviousValues() {
    hub.create(
        stream, watch("a").addFilters(WatchCreateRequest.FilterType.NOPUT).setPrevKv(true).build());
    client.take();
    put("a", "gone");
    Transaction transaction = keyspace.begin();
    transaction.delete(KeyRange.single(bytes("a")));
    transaction.commit();
    pump();
    assertThat(client.take().getEventsList())
        .singleElement()
        .satisfies(event -> {
          assertThat(event.getType()).isEqualTo(Event.EventType.DELETE);
          assertThat(event.getPrevKv().getValue().toStringUtf8()).isEqualTo("gone");
        });
  }

  @Test
  void clientThatDoesNotReadCatchesUpLater() {
    hub.create(stream, watch("a").build());
    client.take();
    client.ready = false;
    for (int i = 0; i < 1000; i++) {
      put("a", "v" + i);
    }
    pump();
    assertThat(client.responses).isEmpty();
    assertThat(hub.lagging()).isEqualTo(1);
    client.ready = true;
    pump();
    assertThat(client.responses.stream().mapToInt(WatchResponse::getEventsCount).sum())
        .isEqualTo(1000);
    assertThat(hub.lagging()).isZero();
  }

  @Test
  void whatComesWhileTheClientIsStillSentToSharesOneResponse() {
    hub.create(stream, watch("a").setProgressNotify(true).build());
    client.take();
    client.ready = false;
    for (int i = 0; i < 3; i++) {
      put("a", "v" + i);
      pump();
    }
    assertThat(client.responses).isEmpty();
    assertThat(hub.lagging()).isZero();
    client.ready = true;
    hub.notifyProgress();
    assertThat(client.responses).as("progress is not told ahead of events").isEmpty();
    hub.askProgress(stream);
    pump();
    WatchResponse response = client.take();
    assertThat(response.getEventsList())
        .extracting(event -> event.getKv().getValue().toStringUtf8())
        .containsExactly("v0", "v1", "v2");
    assertThat(response.getHeader().getRevision()).isEqualTo(4);
    assertThat(client.take().getWatchId()).isEqualTo(-1);
    assertThat(client.responses).isEmpty();
  }

  @Test
  void eventsThatWaitForTheirClientOutliveTheCompactionOfTheirRevision() {
    hub.create(stream, watch("a").build());
    client.take();
    client.ready = false;
    put("a", "1");
    put("a", "2");
    pump();
    keyspace.compact(3);
    keyspace.sweep();
    put("a", "3");
    pump();
    client.ready = true;
    pump();
    assertThat(client.take().getEventsList())
        .extracting(event -> event.getKv().getValue().toStringUtf8())
        .containsExactly("1", "2", "3");
  }

  @Test
  void compactionBeyondWhatWaitsForTheClientCancelsTheWatch() {
    hub.create(stream, watch("a").build());
    client.take();
    client.ready = false;
    put("a", "1");
    pump();
    put("a", "2");
    put("a", "3");
    keyspace.compact(4);
    keyspace.sweep();
    pump();
    client.ready = true;
    pump();
    assertThat(client.take().getCompactRevision()).isEqualTo(4);
  }

  /** The one who watches is called a moment after what was applied, and a compaction with it. */
  @Test
  void aWatchThatKeepsUpIsNotCancelledByACompactionOfTheNewest() {
    hub.create(stream, watch("a").build());
    client.take();
    put("a", "1");
    put("a", "2");
    put("a", "3");
    keyspace.compact(4);
    pump();
    assertThat(client.take().getEventsList())
        .extracting(event -> event.getKv().getValue().toStringUtf8())
        .containsExactly("1", "2", "3");
    assertThat(hub.watchers()).isOne();
  }

  @Test
  void watchThatCompactionOvertookIsCancelledWithTheRevision() {
    for (int i = 0; i < 10; i++) {
      put("a", "v" + i);
    }
    keyspace.compact(8);
    hub.create(stream, watch("a").setStartRevision(3).build());
    pump();
    client.take();
    WatchResponse response = client.take();
    assertThat(response.getCanceled()).isTrue();
    assertThat(response.getCompactRevision()).isEqualTo(8);
    assertThat(hub.watchers()).isZero();
  }

  @Test
  void progressIsToldOnceTheStreamIsInStep() {
    put("a", "1");
    hub.create(stream, watch("a").setStartRevision(1).build());
    client.take();
    client.ready = false;
    hub.askProgress(stream);
    pump();
    assertThat(client.responses).isEmpty();
    client.ready = true;
    pump();
    assertThat(client.take().getEventsCount()).isEqualTo(1);
    WatchResponse progress = client.take();
    assertThat(progress.getWatchId()).isEqualTo(-1);
    assertThat(progress.getHeader().getRevision()).isEqualTo(2);
    assertThat(progress.getEventsCount()).isZero();
  }

  @Test
  void progressOfAWatchFromTheFutureIsToldOnceThatHasCome() {
    put("a", "1");
    hub.create(stream, watch("a").setStartRevision(4).setProgressNotify(true).build());
    client.take();
    hub.askProgress(stream);
    pump();
    hub.notifyProgress();
    assertThat(client.responses).as("the client has seen revision 3 elsewhere").isEmpty();
    put("b", "2");
    pump();
    assertThat(client.take())
        .returns(-1L, WatchResponse::getWatchId)
        .returns(3L, response -> response.getHeader().getRevision());
    hub.notifyProgress();
    assertThat(client.take())
        .returns(0L, WatchResponse::getWatchId)
        .returns(3L, response -> response.getHeader().getRevision());
  }

  @Test
  void aStreamWithoutWatchesHasNoProgressToTell() {
    hub.askProgress(stream);
    pump();
    assertThat(client.responses).isEmpty();
  }

  @Test
  void identityInUseIsRefused() {
    hub.create(stream, watch("a").setWatchId(5).build());
    hub.create(stream, watch("b").setRangeEnd(ByteString.copyFromUtf8("b")).setWatchId(5).build());
    assertThat(client.responses.getLast().getCancelReason())
        .as("what is wrong with the range comes first")
        .isEqualTo("mvcc: watcher range is empty");
    hub.create(stream, watch("b").setWatchId(5).build());
    assertThat(client.responses.getLast().getCanceled()).isTrue();
    assertThat(client.responses.getLast().getCancelReason()).contains("duplicate watch ID");
  }

  @Test
  void cancelledWatchGetsNothingMore() {
    hub.create(stream, watch("a").build());
    hub.cancel(stream, 0);
    assertThat(client.responses.getLast().getCanceled()).isTrue();
    int before = client.responses.size();
    put("a", "1");
    pump();
    assertThat(client.responses).hasSize(before);
  }

  private void pump() {
    while (hub.pump()) {
      // Until it rests.
    }
  }

  private void put(String key, String value) {
    Transaction transaction = keyspace.begin();
    transaction.put(bytes(key), ByteString.copyFromUtf8(value), 0);
    transaction.commit();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static WatchCreateRequest.Builder watch(String key) {
    return WatchCreateRequest.newBuilder().setKey(ByteString.copyFromUtf8(key));
  }
}
