package dev.coxswain.apiserver.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.apiserver.trace.RequestTrace;
import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.ResponseHeader;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.proto.etcd.TxnResponse;
import dev.coxswain.proto.etcd.WriteTimes;
import dev.coxswain.runtime.time.ManualTime;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the store says of a slow write comes to the request that waited for it. */
final class StoreTimesTest {
  private static final List<StoreWrite> WRITES =
      List.of(new StoreWrite.Put("/registry/configmaps/shop/web", StoreWrite.ANY, new byte[1], 0));

  private volatile ResponseHeader header = ResponseHeader.newBuilder().setRevision(7).build();
  private Server server;
  private Store store;

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                new KVGrpc.KVImplBase() {
                  @Override
                  public void txn(TxnRequest request, StreamObserver<TxnResponse> observer) {
                    observer.onNext(
                        TxnResponse.newBuilder().setSucceeded(true).setHeader(header).build());
                    observer.onCompleted();
                  }
                })
            .build()
            .start();
    String url =
        "http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + server.getPort();
    store = new TracedStore(new EtcdStore(new EtcdConfig(List.of(url), null, null, null)));
  }

  @AfterEach
  void stop() throws InterruptedException {
    store.close();
    server.shutdownNow().awaitTermination();
  }

  private String told() {
    RequestTrace trace = RequestTrace.begin(new ManualTime());
    trace.during(() -> assertThat(store.commit(WRITES)).isEqualTo(new WriteOutcome.Done(7)));
    return trace.parts();
  }

  @Test
  void whatAnEtcdAnswersSaysNothing() {
    assertThat(told()).isEmpty();
  }

  @Test
  void whatOurStoreSaysIsTold() {
    header =
        header.toBuilder()
            .setWriteTimes(
                WriteTimes.newBuilder()
                    .setWaited(12_000_000)
                    .setAppended(2_000_000)
                    .setCommitted(640_000_000))
            .build();
    assertThat(told())
        .contains(
            "the store of a write: 12 ms until its entry was begun, 2 until that was in the log,"
                + " 640 until a majority had flushed it");
  }
}
