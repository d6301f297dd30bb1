package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.thirdparty.io.grpc.Server;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.junit.jupiter.api.Test;

final class PeerPortTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** More than gRPC takes unless it is told otherwise. */
  private static final int LONG_ANSWER_BYTES = 5 << 20;

  @Test
  void theAnswerToAWriteMayBeAsLongAsWhatItDeleted() throws IOException {
    byte[] answer = new byte[LONG_ANSWER_BYTES];
    answer[answer.length - 1] = 1;
    try (PeerPort port =
        new PeerPort(
            Optional.empty(), request -> CompletableFuture.completedFuture(answer), List.of())) {
      Server server =
          port.customize(
                  NettyServerBuilder.forAddress(
                      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                  EnumSet.allOf(GrpcServices.Type.class))
              .build()
              .start();
      try {
        byte[] request = {PeerCall.WRITE};
        String address = "127.0.0.1:" + server.getPort();
        assertThat(port.ask(address, request, 0, PATIENCE))
            .succeedsWithin(PATIENCE)
            .isEqualTo(answer);
      } finally {
        server.shutdownNow();
      }
    }
  }
}
