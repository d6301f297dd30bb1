package dev.coxswain.proxy.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.SystemTime;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Asks a name server that has an answer to some questions and none to others. */
class ForwarderTest {
  private static final DnsAnswer NO = DnsAnswer.of(ResponseCode.NAME_ERROR);

  /** So long a test waits for an answer that does not come. */
  private static final Duration DEADLINE = Duration.ofMillis(200);

  @Test
  void aNameWithoutAnAnswerKeepsNoOtherNameFromItsOwn() throws IOException {
    try (NameServer server = new NameServer(Map.of("", NO, "good.example", NO))) {
      Forwarder forwarder = new Forwarder(List.of(server.address()), DEADLINE, new SystemTime());
      for (int round = 0; round < 3; round++) {
        assertThat(ask(forwarder, "bad.example", false)).isFalse();
        assertThat(ask(forwarder, "good.example", false)).isTrue();
      }
    }
  }

  @Test
  void aServerThatRefusesConnectionsIsAskedOverUdpAllTheSame() throws IOException {
    try (NameServer server = new NameServer(Map.of("", NO, "good.example", NO))) {
      Forwarder forwarder = new Forwarder(List.of(server.address()), DEADLINE, new SystemTime());
      assertThat(ask(forwarder, "good.example", true)).isFalse();
      assertThat(ask(forwarder, "good.example", false)).isTrue();
    }
  }

  @Test
  void aServerThatAnswersNothingAtAllIsLeftAlone() throws IOException {
    try (NameServer server = new NameServer(Map.of())) {
      Forwarder forwarder = new Forwarder(List.of(server.address()), DEADLINE, new SystemTime());
      assertThat(ask(forwarder, "good.example", false)).isFalse();
      await().until(() -> !forwarder.available());
    }
  }

  @Test
  void aServerThatIsNotThereForAMomentIsAskedAgainSoon() throws IOException {
    ManualTime time = new ManualTime();
    SocketAddress address;
    try (DatagramSocket nobody =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      address = nobody.getLocalSocketAddress();
    }
    Forwarder forwarder = new Forwarder(List.of((InetSocketAddress) address), DEADLINE, time);
    assertThat(ask(forwarder, "good.example", false)).isFalse();
    assertThat(forwarder.available()).isFalse();
    time.advance(Duration.ofSeconds(1));
    assertThat(forwarder.available()).isTrue();
  }

  @Test
  void otherServersMayTakeTheirPlace() throws IOException {
    try (NameServer silent = new NameServer(Map.of());
        NameServer server = new NameServer(Map.of("good.example", NO))) {
      Forwarder forwarder = new Forwarder(List.of(), DEADLINE, new SystemTime());
      assertThat(forwarder.available()).isFalse();
      forwarder.replace(List.of(silent.address()));
      assertThat(ask(forwarder, "good.example", false)).isFalse();
      await().until(() -> !forwarder.available());
      forwarder.replace(List.of(silent.address(), server.address()));
      assertThat(ask(forwarder, "good.example", false)).isTrue();
      forwarder.replace(List.of());
      assertThat(ask(forwarder, "good.example", false)).isTrue();
    }
  }

  private static boolean ask(Forwarder forwarder, String name, boolean stream) {
    return forwarder.ask(DnsCodec.question(7, name, RecordType.A), stream) != null;
  }
}
