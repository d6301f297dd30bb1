package dev.coxswain.kubelet.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.health.HealthCheckRequest;
import dev.coxswain.proto.health.HealthCheckResponse;
import dev.coxswain.proto.health.HealthCheckResponse.ServingStatus;
import dev.coxswain.proto.health.HealthGrpc;
import dev.coxswain.runtime.program.HeldPort;
import io.fabric8.kubernetes.api.model.GRPCAction;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class GrpcCheckTest {
  /** Only a failure takes that long. */
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  private Server server;

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Health())
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  @Test
  void passesWhileTheServiceServes() {
    assertThat(check("", server.getPort()).passed()).isTrue();
  }

  @Test
  void failsWithTheStatusOfTheNamedService() {
    assertThat(check("liveness", server.getPort()).failure())
        .contains("service unhealthy (responded with \"NOT_SERVING\")");
  }

  @Test
  void failsWhenNobodyAnswers() throws IOException {
    try (HeldPort silent = new HeldPort()) {
      CheckResult result = check("", silent.number());
      assertThat(result.unknown()).isFalse();
      assertThat(result.failure().orElseThrow())
          .startsWith("error: failed to connect service \"127.0.0.1:" + silent.number() + "\"");
    }
  }

  @Test
  void saysThatAServerHasNoHealthService() throws IOException {
    Server other =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .build()
            .start();
    try {
      assertThat(check("", other.getPort()).failure().orElseThrow())
          .startsWith("error: this server does not implement the grpc health protocol");
    } finally {
      other.shutdownNow();
    }
  }

  private static CheckResult check(String service, int port) {
    GRPCAction action = new GRPCAction();
    action.setPort(port);
    action.setService(service);
    return GrpcCheck.run(action, "127.0.0.1", TIMEOUT);
  }

  private static final class Health extends HealthGrpc.HealthImplBase {
    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
      ServingStatus status =
          request.getService().isEmpty() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
      observer.onNext(HealthCheckResponse.newBuilder().setStatus(status).build());
      observer.onCompleted();
    }
  }
}
