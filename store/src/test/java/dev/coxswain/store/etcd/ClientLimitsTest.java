package dev.coxswain.store.etcd;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who does not keep to the server's ways of looking whether a connection stands is hung up on. */
final class ClientLimitsTest {
  /** How HTTP/2 begins: the preface, and settings of which none is set. */
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";

  private static final String PING = "\0\0\10\6\0\0\0\0\0abcdefgh";

  /** The ping comes after ten seconds all the same: gRPC has it so. */
  private static final Duration SHORT = Duration.ofMillis(50);

  private static final Duration LONG = Duration.ofHours(2);
  private static final int PATIENCE_MILLIS = 60_000;

  private Optional<Server> server = Optional.empty();

  @AfterEach
  void stop() {
    server.ifPresent(Server::shutdownNow);
  }

  @Test
  void aClientThatDoesNotAnswerPingsIsHungUpOn() throws Exception {
    try (Socket client = connect(new ClientLimits(128, 1024, LONG, SHORT, SHORT, 0))) {
      client.getOutputStream().write(PREFACE.getBytes(ISO_8859_1));
      assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
          .as("a ping")
          .contains("\0\0\10\6\0");
    }
  }

  @Test
  void aClientThatPingsTooOftenIsHungUpOn() throws Exception {
    try (Socket client = connect(new ClientLimits(128, 1024, LONG, LONG, LONG, 0))) {
      client.getOutputStream().write((PREFACE + PING.repeat(3)).getBytes(ISO_8859_1));
      assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
          .contains("too_many_pings");
    }
  }

  @Test
  void whatNoEntryOfTheLogTakesIsRefused() {
    assertThatThrownBy(() -> new ClientLimits(128, 1536 * 1024 + 1, LONG, LONG, LONG, 0))
        .hasMessage(
            "--max-request-bytes: 1572865 is not between 1 and 1572864, which an entry of the log"
                + " takes");
    assertThatThrownBy(() -> new ClientLimits(-1, 1024, LONG, LONG, LONG, 0))
        .hasMessage("--max-txn-ops: -1 is less than none");
    assertThatThrownBy(() -> new ClientLimits(128, 1024, LONG, LONG, LONG, -1))
        .hasMessage("--max-concurrent-streams: -1 is less than none");
  }

  /**
   * Each watch of some clients is a stream: those beyond the bound, and whatever is asked after
   * them, wait at the client without a word.
   */
  @Test
  void aConnectionHasAsManyStreamsAsWasSetAndElseAnyNumber() throws Exception {
    assertThat(settings(9)).contains("\0\3\0\0\0\11");
    assertThat(settings(0)).contains("\0\3\177\377\377\377");
    assertThat(settings(4_294_967_295L)).contains("\0\3\177\377\377\377");
  }

  /** What a server says of itself, until it hangs up on who pings too often. */
  private String settings(long streams) throws IOException {
    try (Socket client = connect(new ClientLimits(128, 1024, LONG, LONG, LONG, streams))) {
      client.getOutputStream().write((PREFACE + PING.repeat(3)).getBytes(ISO_8859_1));
      return new String(client.getInputStream().readAllBytes(), ISO_8859_1);
    } finally {
      stop();
    }
  }

  private Socket connect(ClientLimits limits) throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    limits.set(builder);
    Server started = builder.build().start();
    server = Optional.of(started);
    Socket client = new Socket(InetAddress.getLoopbackAddress(), started.getPort());
    client.setSoTimeout(PATIENCE_MILLIS);
    return client;
  }
}
