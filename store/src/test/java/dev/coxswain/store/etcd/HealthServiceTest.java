package dev.coxswain.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.proto.health.HealthCheckRequest;
import dev.coxswain.proto.health.HealthCheckResponse;
import dev.coxswain.proto.health.HealthGrpc;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What probes by gRPC are told. */
final class HealthServiceTest {
  @Test
  void theServerAsWholeServesAndNoOtherNameIsKnown() throws Exception {
    try (LocalServer server = new LocalServer(List.of(), new HealthService())) {
      HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(server.channel());
      assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
          .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
      assertThatThrownBy(() ->
              health.check(HealthCheckRequest.newBuilder().setService("etcdserverpb.KV").build()))
          .hasMessage("NOT_FOUND: unknown service");
    }
  }
}
