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
    history.values.put(EXPECTED, "before");
  }

  @AfterEach
  void stop() throws InterruptedException {
    store.close();
    server.shutdownNow().awaitTermination();
  }

  @Test
  void whatStandsThereWasDone() {
    history.values.put(7L, OURS);
    assertThat(write()).isEqualTo(new WriteOutcome.Done(7));
  }

  @Test
  void whatDoesNotStandThereMayStillCome() {
    assertUndecided();
  }

  @Test
  void whoseBaseWasTakenByAnotherIsRefused() {
    history.values.put(7L, "another's");
    assertThat(write()).isInstanceOf(WriteOutcome.Conflict.class);
  }

  @Test
  void whatWasDoneAndWrittenOverIsNotRefused() {
    history.values.put(7L, OURS);
    history.values.put(9L, "another's");
    assertUndecided();
  }

  @Test
  void ofWhatIsForgottenNobodyKnows() {
    history.values.put(9L, "another's");
    history.compacted = 9;
    assertUndecided();
  }

  private void assertUndecided() {
    assertThatThrownBy(this::write)
        .isInstanceOfSatisfying(
            StoreUnavailableException.class, told -> assertThat(told.undecided()).isTrue());
  }

  private WriteOutcome write() {
    return store.commit(
        List.of(new StoreWrite.Put(KEY, EXPECTED, OURS.getBytes(StandardCharsets.UTF_8), 0)));
  }

  /** One key's values by their revisions; no write is answered. */
  private static final class History extends KVGrpc.KVImplBase {
    private final NavigableMap<Long, String> values = new ConcurrentSkipListMap<>();
    private volatile long compacted;

    @Override
    public void txn(TxnRequest request, StreamObserver<TxnResponse> responses) {
      responses.onError(
          Status.UNAVAILABLE.withDescription("the leader is gone").asRuntimeException());
    }

    @Override
    public void range(RangeRequest request, StreamObserver<RangeResponse> responses) {
      if (request.getRevision() != 0 && request.getRevision() < compacted) {
        responses.onError(
            Status.OUT_OF_RANGE
                .withDescription("etcdserver: mvcc: required revision has been compacted")
                .asRuntimeException());
        return;
      }
      var value =
          request.getRevision() == 0
              ? values.lastEntry()
              : values.floorEntry(request.getRevision());
      RangeResponse.Builder response = RangeResponse.newBuilder();
      if (value != null) {
        response.addKvs(
            KeyValue.newBuilder()
                .setKey(request.getKey())
                .setValue(ByteString.copyFromUtf8(value.getValue()))
                .setModRevision(value.getKey()));
      }
      responses.onNext(response.build());
      responses.onCompleted();
    }
  }
}
