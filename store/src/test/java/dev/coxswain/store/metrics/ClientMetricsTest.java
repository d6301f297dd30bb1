package dev.coxswain.store.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.CompactionRequest;
import dev.coxswain.proto.etcd.CompactionResponse;
import dev.coxswain.proto.etcd.DeleteRangeRequest;
import dev.coxswain.proto.etcd.DeleteRangeResponse;
import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.PutResponse;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.WatchGrpc;
import dev.coxswain.proto.etcd.WatchRequest;
import dev.coxswain.proto.etcd.WatchResponse;
import dev.coxswain.runtime.program.Metrics;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls by method, message and end, and their bytes, as etcd counts them. */
final class ClientMetricsTest {
  private static final String RANGE =
      "{grpc_method=\"Range\",grpc_service=\"etcdserverpb.KV\",grpc_type=\"unary\"}";
  private static final String WATCH =
      "{grpc_method=\"Watch\",grpc_service=\"etcdserverpb.Watch\",grpc_type=\"bidi_stream\"}";
  private static final RangeResponse ANSWER = RangeResponse.newBuilder().setCount(1000).build();

  private final Metrics metrics = new Metrics();
  private final ClientMetrics clients = new ClientMetrics(metrics);
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private Server server;
  private ManagedChannel channel;

  private static final class Keys extends KVGrpc.KVImplBase {
    @Override
    public void range(RangeRequest request, StreamObserver<RangeResponse> answer) {
      answer.onNext(ANSWER);
      answer.onCompleted();
    }

    @Override
    public void put(PutRequest request, StreamObserver<PutResponse> answer) {
      answer.onError(Status.FAILED_PRECONDITION.asRuntimeException());
    }

    @Override
    public void deleteRange(
        DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> answer) {
      throw new IllegalArgumentException("broken");
    }

    @Override
    public void compact(CompactionRequest request, StreamObserver<CompactionResponse> answer) {
      // Never answers.
    }
  }

  private static final class Echo extends WatchGrpc.WatchImplBase {
    @Override
    public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> answer) {
      return new StreamObserver<>() {
        @Override
        public void onNext(WatchRequest request) {
          answer.onNext(WatchResponse.getDefaultInstance());
          answer.onNext(WatchResponse.getDefaultInstance());
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {
          answer.onCompleted();
        }
      };
    }
  }

  @BeforeEach
  void start() throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(clients.counted(new Keys().bindService()))
            .addService(clients.counted(new Echo().bindService()));
    clients.watch(builder);
    server = builder.build().start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  private List<String> lines(String start) {
    return metrics.page().text().lines().filter(line -> line.startsWith(start)).toList();
  }

  /** How calls of a method ended. */
  private List<String> ends(String method) {
    return lines("grpc_server_handled_total").stream()
        .filter(line -> line.contains("\"" + method + "\"") && !line.endsWith(" 0"))
        .map(line -> line.replaceAll(".*grpc_code=\"([A-Za-z]+)\".* ", "$1 "))
        .toList();
  }

  private KVGrpc.KVBlockingStub keys() {
    return KVGrpc.newBlockingStub(channel);
  }

  @Test
  void whatNeverHappenedIsTold() {
    assertThat(lines("grpc_server_started_total{"))
        .hasSize(6)
        .contains("grpc_server_started_total" + RANGE + " 0");
    assertThat(lines("grpc_server_handled_total{"))
        .hasSize(6 * 17)
        .contains(
            "grpc_server_handled_total{grpc_code=\"DeadlineExceeded\",grpc_method=\"Txn\","
                + "grpc_service=\"etcdserverpb.KV\",grpc_type=\"unary\"} 0");
  }

  @Test
  void aCallCountsWithItsMessagesBytesAndClient() {
    RangeRequest request =
        RangeRequest.newBuilder().setKey(ByteString.copyFrom(new byte[100])).build();
    var _ = keys().range(request);
    var _ = keys().range(request);
    assertThat(lines("grpc_server_started_total"))
        .contains("grpc_server_started_total" + RANGE + " 2");
    assertThat(lines("grpc_server_msg"))
        .contains(
            "grpc_server_msg_received_total" + RANGE + " 2",
            "grpc_server_msg_sent_total" + RANGE + " 2");
    assertThat(ends("Range")).containsExactly("OK 2");
    assertThat(lines("etcd_network_client_grpc"))
        .containsExactlyInAnyOrder(
            "etcd_network_client_grpc_received_bytes_total " + 2 * request.getSerializedSize(),
            "etcd_network_client_grpc_sent_bytes_total " + 2 * ANSWER.getSerializedSize());
    assertThat(lines("etcd_server_client_requests_total"))
        .containsExactly(
            "etcd_server_client_requests_total{client_api_version=\"unknown\",type=\"unary\"} 2");
  }

  @Test
  void callsThatFailCountByTheirCodes() {
    assertThatThrownBy(() -> keys().put(PutRequest.getDefaultInstance()))
        .hasMessageStartingWith("FAILED_PRECONDITION");
    assertThat(ends("Put")).containsExactly("FailedPrecondition 1");
    assertThatThrownBy(() -> keys().deleteRange(DeleteRangeRequest.getDefaultInstance()))
        .hasMessageStartingWith("UNKNOWN");
    Awaitility.await()
        .untilAsserted(() -> assertThat(ends("DeleteRange")).containsExactly("Unknown 1"));
    assertThatThrownBy(() ->
            keys()
                .withDeadlineAfter(100, TimeUnit.MILLISECONDS)
                .compact(CompactionRequest.getDefaultInstance()))
        .hasMessageStartingWith("DEADLINE_EXCEEDED");
    Awaitility.await()
        .untilAsserted(() -> assertThat(ends("Compact")).containsExactly("Canceled 1"));
  }

  @Test
  void aStreamIsOneCallOfManyMessages() throws InterruptedException {
    StreamObserver<WatchRequest> requests =
        WatchGrpc.newStub(channel)
            .watch(
                new StreamObserver<>() {
                  @Override
                  public void onNext(WatchResponse response) {}

                  @Override
                  public void onError(Throwable failure) {
                    heard.add(failure.toString());
                  }

                  @Override
                  public void onCompleted() {
                    heard.add("completed");
                  }
                });
    requests.onNext(WatchRequest.getDefaultInstance());
    requests.onNext(WatchRequest.getDefaultInstance());
    requests.onCompleted();
    assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("completed");
    assertThat(lines("grpc_server_started_total"))
        .contains("grpc_server_started_total" + WATCH + " 1");
    assertThat(lines("grpc_server_msg"))
        .contains(
            "grpc_server_msg_received_total" + WATCH + " 2",
            "grpc_server_msg_sent_total" + WATCH + " 4");
    assertThat(ends("Watch")).containsExactly("OK 1");
  }
}
