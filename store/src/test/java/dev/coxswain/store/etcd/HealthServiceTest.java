package dev.coxswain.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.proto.health.HealthCheckRequest;
import dev.coxswain.proto.health.HealthCheckResponse;
import dev.coxswain.proto.health.HealthGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** What probes by gRPC are told. */
final class HealthServiceTest {
  @Test
  void theServerAsWholeServesAndNoOtherNameIsKnown() throws Exception {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new HealthService())
            .build()
            .start();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    try {
      HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(channel);
      assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
          .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
      assertThatThrownBy(() ->
              health.check(HealthCheckRequest.newBuilder().setService("etcdserverpb.KV").build()))
          .hasMessage("NOT_FOUND: unknown service");
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }
}
