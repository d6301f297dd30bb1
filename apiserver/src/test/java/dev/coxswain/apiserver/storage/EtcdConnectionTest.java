package dev.coxswain.apiserver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Store endpoints that die, come back, or take a call and do not answer it. */
final class EtcdConnectionTest {
  /** Long enough for a busy machine; what is refused does not wait for it. */
  private static final long DEADLINE_SECONDS = 20;

  /** Less than the pauses grow to that a channel makes by itself; a busy machine needs some. */
  private static final Duration SOON = Duration.ofSeconds(30);

  private static final boolean CHANGES = false;
  private static final boolean READS = true;

  private final List<Member> members = new ArrayList<>();
  private final List<EtcdConnection> connections = new ArrayList<>();

  @AfterEach
  void stop() throws InterruptedException, IOException {
    connections.forEach(EtcdConnection::close);
    for (Member member : members) {
      member.stop();
      member.port.close();
    }
  }

  @Test
  void whatCannotBeReachedIsLeftForTheNextAndNotAskedAgain() throws Exception {
    Member dead = member(Status.OK);
    Member alive = member(Status.OK);
    EtcdConnection connection = connect(dead, alive);
    dead.stop();
    assertThat(connection.call(CHANGES, EtcdConnectionTest::range)).isEqualTo(1);
    int preferred = connection.attempt().number();
    assertThat(connection.call(READS, EtcdConnectionTest::range)).isEqualTo(2);
    assertThat(connection.attempt().number()).isEqualTo(preferred);
  }

  @Test
  void aReadThatWasCutOffIsRepeatedAndAChangeIsNot() throws Exception {
    Member taking = member(Status.UNAVAILABLE.withDescription("going down"));
    Member alive = member(Status.OK);
    assertThat(connect(taking, alive).call(READS, EtcdConnectionTest::range)).isEqualTo(1);

    EtcdConnection connection = connect(taking, alive);
    assertThatThrownBy(() -> connection.call(CHANGES, EtcdConnectionTest::range))
        .isInstanceOfSatisfying(
            StoreUnavailableException.class, told -> assertThat(told.undecided()).isTrue())
        .hasMessageContaining("going down");
    assertThat(alive.calls.get()).as("the change may be stored already").isEqualTo(1);
    assertThat(connection.call(CHANGES, EtcdConnectionTest::range))
        .as("the next call goes elsewhere")
        .isEqualTo(2);
  }

  @Test
  void aRefusalIsAnAnswerAndNoReasonToAskAnother() throws Exception {
    Member refusing = member(Status.INVALID_ARGUMENT.withDescription("key is not provided"));
    Member other = member(Status.OK);
    EtcdConnection connection = connect(refusing, other);
    assertThatThrownBy(() -> connection.call(READS, EtcdConnectionTest::range))
        .hasMessageContaining("key is not provided");
    assertThat(other.calls.get()).isZero();
  }

  @Test
  void anEndpointThatComesBackIsReachedSoon() throws Exception {
    Member only = member(Status.OK);
    EtcdConnection connection = connect(only);
    assertThat(connection.call(READS, EtcdConnectionTest::range)).isEqualTo(1);
    only.stop();
    // The first may have been on its way when the connection broke; no later one ever left.
    assertThatThrownBy(() -> connection.call(CHANGES, EtcdConnectionTest::range))
        .isInstanceOf(StoreUnavailableException.class);
    for (int round = 0; round < 5; round++) {
      assertThatThrownBy(() -> connection.call(CHANGES, EtcdConnectionTest::range))
          .isInstanceOfSatisfying(
              StoreUnavailableException.class, told -> assertThat(told.undecided()).isFalse());
    }
    only.start();
    Awaitility.await()
        .atMost(SOON)
        .ignoreException(StoreUnavailableException.class)
        .until(() -> connection.call(CHANGES, EtcdConnectionTest::range) > 1);
  }

  private Member member(Status answer) throws IOException {
    Member member = new Member(answer);
    members.add(member);
    member.start();
    return member;
  }

  private EtcdConnection connect(Member... to) throws IOException {
    List<String> urls = Stream.of(to).map(Member::url).toList();
    EtcdConnection connection = new EtcdConnection(new EtcdConfig(urls, null, null, null));
    connections.add(connection);
    return connection;
  }

  /** Answers with how many calls the endpoint has had. */
  private static long range(ManagedChannel channel) {
    return KVGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .range(RangeRequest.getDefaultInstance())
        .getCount();
  }

  /** An endpoint that gives every call the same answer; it keeps its port while it is away. */
  private static final class Member extends KVGrpc.KVImplBase {
    private final Status answer;
    private final AtomicInteger calls = new AtomicInteger();

    /** Never listens, so that the server may have its port besides, and nobody else. */
    private final Socket port = new Socket();

    private Server server;

    Member(Status answer) throws IOException {
      this.answer = answer;
      port.setReuseAddress(true);
      port.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      this.server = server();
    }

    private Server server() {
      return NettyServerBuilder.forAddress(port.getLocalSocketAddress()).addService(this).build();
    }

    void start() throws IOException {
      server = server();
      server.start();
    }

    void stop() throws InterruptedException {
      server.shutdownNow().awaitTermination();
    }

    String url() {
      return "http://"
          + InetAddress.getLoopbackAddress().getHostAddress()
          + ":"
          + port.getLocalPort();
    }

    @Override
    public void range(RangeRequest request, StreamObserver<RangeResponse> responses) {
      int number = calls.incrementAndGet();
      if (!answer.isOk()) {
        responses.onError(answer.asRuntimeException());
        return;
      }
      responses.onNext(RangeResponse.newBuilder().setCount(number).build());
      responses.onCompleted();
    }
  }
}
