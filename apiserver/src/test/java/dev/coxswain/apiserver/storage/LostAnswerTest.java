package dev.coxswain.apiserver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.KeyValue;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.proto.etcd.TxnResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is said of a write whose answer the store's death swallowed. */
final class LostAnswerTest {
  private static final String KEY = "/registry/configmaps/shop/web";
  private static final String OURS = "ours";
  private static final long EXPECTED = 5;

  private final History history = new History();
  private Server server;
  private EtcdStore store;

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(history)
            .build()
            .start();
    String url =
        "http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + server.getPort();
    store = new EtcdStore(new EtcdConfig(List.of(url), null, null, null));
    history.put(EXPECTED, "before");
  }

  @AfterEach
  void stop() throws InterruptedException {
    store.close();
    server.shutdownNow().awaitTermination();
  }

  @Test
  void whatStandsThereWasDone() {
    history.put(7, OURS);
    assertThat(replace()).isEqualTo(new WriteOutcome.Done(7));
  }

  @Test
  void whatDoesNotStandThereMayStillCome() {
    assertUndecided(this::replace);
    assertUndecided(this::delete);
  }

  @Test
  void whoseBaseWasTakenByAnotherIsRefused() {
    history.put(7, "another's");
    assertThat(replace()).isInstanceOf(WriteOutcome.Conflict.class);
    assertThat(delete()).isInstanceOf(WriteOutcome.Conflict.class);
    for (int revision = 8; revision < 40; revision++) {
      history.put(revision, "many");
    }
    assertThat(replace()).isInstanceOf(WriteOutcome.Conflict.class);
    history.delete(40);
    history.now = 50;
    assertThat(replace()).isInstanceOf(WriteOutcome.Conflict.class);
    assertThat(delete()).as("not this one").isInstanceOf(WriteOutcome.Conflict.class);
  }

  @Test
  void whatWasDoneAndWrittenOverWasDone() {
    history.put(7, OURS);
    history.put(9, "another's");
    assertThat(replace()).isEqualTo(new WriteOutcome.Done(7));
    for (int revision = 10; revision < 40; revision++) {
      history.put(revision, "many");
    }
    history.delete(40);
    history.put(60, "new");
    assertThat(replace()).isEqualTo(new WriteOutcome.Done(7));
  }

  @Test
  void whatIsGoneWasDeletedWhenItWas() {
    history.delete(8);
    history.now = 1000;
    assertThat(delete()).isEqualTo(new WriteOutcome.Done(8));
    history.put(20, "new");
    assertThat(delete()).isEqualTo(new WriteOutcome.Done(8));
  }

  @Test
  void whatWasCreatedAndSeenByOthersWasCreated() {
    history.delete(6);
    assertUndecided(this::create);
    history.put(7, OURS);
    assertThat(create()).isEqualTo(new WriteOutcome.Done(7));
    history.put(9, "another's");
    assertThat(create()).isEqualTo(new WriteOutcome.Done(7));
    history.delete(10);
    assertUndecided(this::create);
    history.put(12, "another's");
    assertUndecided(this::create);
  }

  @Test
  void whatAnyStateWillDoForWasDoneWhereItStandsWithItsLease() {
    history.put(7, OURS);
    StoreWrite.Put leased = new StoreWrite.Put(KEY, StoreWrite.ANY, bytes(OURS), 77);
    assertUndecided(() -> store.commit(List.of(leased)));
    history.lease = 77;
    assertThat(store.commit(List.of(leased))).isEqualTo(new WriteOutcome.Done(7));
  }

  @Test
  void ofWhatIsForgottenNobodyKnows() {
    history.put(9, "another's");
    history.compacted = 9;
    assertUndecided(this::replace);
  }

  @Test
  void whatCannotBeLookedUpIsNoFailure() {
    history.put(7, OURS);
    history.silent = true;
    assertUndecided(this::replace);
  }

  @Test
  void whatBrokeMayHaveBeenDoneAndWhatWasRefusedWasNot() {
    history.answer = Status.INTERNAL.withDescription("the stream was reset");
    assertUndecided(this::replace);
    history.put(7, OURS);
    assertThat(replace()).isEqualTo(new WriteOutcome.Done(7));
    history.answer = Status.RESOURCE_EXHAUSTED.withDescription("etcdserver: too many requests");
    assertThatThrownBy(this::replace)
        .isInstanceOfSatisfying(
            StoreUnavailableException.class, told -> assertThat(told.undecided()).isFalse());
  }

  private static void assertUndecided(ThrowableAssert.ThrowingCallable write) {
    assertThatThrownBy(write)
        .isInstanceOfSatisfying(
            StoreUnavailableException.class, told -> assertThat(told.undecided()).isTrue());
  }

  private WriteOutcome create() {
    return store.commit(List.of(new StoreWrite.Put(KEY, StoreWrite.ABSENT, bytes(OURS), 0)));
  }

  private WriteOutcome replace() {
    return store.commit(List.of(new StoreWrite.Put(KEY, EXPECTED, bytes(OURS), 0)));
  }

  private WriteOutcome delete() {
    return store.commit(List.of(new StoreWrite.Delete(KEY, EXPECTED)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** One key's values by their revisions; no write is answered. */
  private static final class History extends KVGrpc.KVImplBase {
    private final NavigableMap<Long, KeyValue> values = new ConcurrentSkipListMap<>();
    private volatile Status answer = Status.UNAVAILABLE.withDescription("the leader is gone");
    private volatile long now;
    private volatile long compacted;
    private volatile long lease;
    private volatile boolean silent;

    /** Empty where the key was deleted. */
    private KeyValue at(long revision) {
      var entry = values.floorEntry(revision);
      return entry == null ? KeyValue.getDefaultInstance() : entry.getValue();
    }

    void put(long revision, String text) {
      KeyValue before = at(revision);
      values.put(
          revision,
          KeyValue.newBuilder()
              .setKey(ByteString.copyFromUtf8(KEY))
              .setValue(ByteString.copyFromUtf8(text))
              .setCreateRevision(
                  before.getModRevision() == 0 ? revision : before.getCreateRevision())
              .setModRevision(revision)
              .build());
      now = revision;
    }

    void delete(long revision) {
      values.put(revision, KeyValue.getDefaultInstance());
      now = revision;
    }

    @Override
    public void txn(TxnRequest request, StreamObserver<TxnResponse> responses) {
      responses.onError(answer.asRuntimeException());
    }

    @Override
    public void range(RangeRequest request, StreamObserver<RangeResponse> responses) {
      long revision = request.getRevision() == 0 ? now : request.getRevision();
      if (silent) {
        responses.onError(Status.UNAVAILABLE.asRuntimeException());
      } else if (revision < compacted) {
        responses.onError(
            Status.OUT_OF_RANGE
                .withDescription("etcdserver: mvcc: required revision has been compacted")
                .asRuntimeException());
      } else {
        RangeResponse.Builder response = RangeResponse.newBuilder();
        response.getHeaderBuilder().setRevision(now);
        KeyValue value = at(revision);
        if (value.getModRevision() != 0) {
          response.addKvs(value.toBuilder().setLease(lease));
        }
        responses.onNext(response.build());
        responses.onCompleted();
      }
    }
  }
}
