package dev.coxswain.proxy.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.SystemTime;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.ServiceUnavailableException;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The server on a loopback socket, asked by the JDK's own DNS client and by hand. */
// JNDI's DNS provider is the one DNS client in the JDK that takes a server's address; it only ever
// asks the server under test.
@SuppressWarnings({"BanJNDI", "JdkObsolete"})
class DnsServerTest {
  private final Cluster cluster =
      new Cluster().service("shop", "web", "10.96.0.20").service("shop", "big", "None");
  private DnsServer server;
  private DirContext client;

  @BeforeEach
  void start() throws IOException, NamingException {
    for (int index = 1; index <= 60; index++) {
      cluster.endpoint("shop", "big", "10.244.1." + index, "host-with-a-long-name-" + index, true);
    }
    cluster.ready();
    server =
        DnsServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            cluster.zone,
            new Forwarder(List.of(), new SystemTime()),
            new SystemTime());
    Hashtable<String, String> environment = new Hashtable<>();
    environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
    environment.put(Context.PROVIDER_URL, "dns://127.0.0.1:" + server.address().getPort() + "/");
    // Only a failure takes that long.
    environment.put("com.sun.jndi.dns.timeout.initial", "60000");
    client = new InitialDirContext(environment);
  }

  @AfterEach
  void stop() throws IOException, NamingException {
    client.close();
    server.close();
  }

  @Test
  void aServiceIsResolved() throws NamingException {
    assertResolved();
    assertThat(
            client
                .getAttributes("_http._tcp.web.shop.svc.cluster.local", new String[] {"SRV"})
                .get("SRV")
                .get())
        .isEqualTo("0 100 80 web.shop.svc.cluster.local.");
  }

  @Test
  void aMissingNameIsANo() {
    Assertions.assertThatThrownBy(
            () -> client.getAttributes("nobody.shop.svc.cluster.local", new String[] {"A"}))
        .isInstanceOf(NameNotFoundException.class);
  }

  @Test
  void aForeignNameWithoutAnyNameServerFailsAtOnce() {
    Assertions.assertThatThrownBy(() -> client.getAttributes("example.com", new String[] {"A"}))
        .isInstanceOf(ServiceUnavailableException.class);
  }

  @Test
  void anAliasOfAForeignNameComesWithWhatThatStandsFor()
      throws IOException, DnsCodec.MalformedException {
    cluster.externalName("shop", "bank", "bank.example.com").ready();
    List<DnsRecord> known =
        List.of(
            new DnsRecord.Cname("bank.example.com", "eu.example.com"),
            new DnsRecord.A("eu.example.com", "192.0.2.7"));
    DnsAnswer answer = new DnsAnswer(ResponseCode.NO_ERROR, false, known, List.of(), List.of());
    try (NameServer foreign = new NameServer(Map.of("bank.example.com", answer));
        DnsServer resolving =
            DnsServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                cluster.zone,
                new Forwarder(List.of(foreign.address()), Duration.ofSeconds(60), new SystemTime()),
                new SystemTime())) {
      ByteBuffer told = udp(resolving, question("bank.shop.svc.cluster.local", RecordType.A, 0));
      assertThat(told.get(3) & 0xf).isZero();
      assertThat(DnsCodec.records(told, RecordType.A))
          .containsExactly(
              new DnsRecord.Cname("bank.shop.svc.cluster.local", "bank.example.com"),
              new DnsRecord.Cname("bank.example.com", "eu.example.com"),
              new DnsRecord.Other(
                  "eu.example.com",
                  RecordType.A,
                  ByteBuffer.wrap(new byte[] {(byte) 192, 0, 2, 7})));
    }
  }

  @Test
  void anAliasOfAForeignNameIsToldAloneWhereNobodyCanBeAsked()
      throws IOException, DnsCodec.MalformedException {
    cluster.externalName("shop", "bank", "bank.example.com").ready();
    ByteBuffer told = udp(server, question("bank.shop.svc.cluster.local", RecordType.A, 0));
    assertThat(DnsCodec.records(told, RecordType.A))
        .containsExactly(new DnsRecord.Cname("bank.shop.svc.cluster.local", "bank.example.com"));
  }

  @Test
  void aRecordOfAnotherServerThatIsTooLargeIsLeftOut() {
    DnsQuery query =
        new DnsQuery(
            7, 0, true, "bank.example.com", RecordType.TXT, DnsQuery.INTERNET, false, 0, 512);
    List<DnsRecord> records =
        List.of(
            new DnsRecord.Cname("bank.example.com", "eu.example.com"),
            new DnsRecord.Other("eu.example.com", RecordType.TXT, ByteBuffer.allocate(4000)));
    DnsAnswer answer = new DnsAnswer(ResponseCode.NO_ERROR, true, records, List.of(), List.of());
    ByteBuffer told = DnsCodec.answer(query, answer, 512);
    assertThat(DnsCodec.truncated(told)).isTrue();
    assertThat(told.getShort(6)).isEqualTo((short) 1);
  }

  @Test
  void everyPrefixOfAnAnswerIsSurvived() throws IOException, DnsCodec.MalformedException {
    ByteBuffer whole = udp(server, question("web.shop.svc.cluster.local", RecordType.A, 0));
    assertThat(DnsCodec.records(whole, RecordType.A)).hasSize(1);
    for (int length = 0; length < whole.remaining(); length++) {
      ByteBuffer part = whole.slice(0, length);
      Assertions.assertThatThrownBy(() -> DnsCodec.records(part, RecordType.A))
          .isInstanceOf(DnsCodec.MalformedException.class);
    }
    // The record's name points to itself.
    int name = whole.remaining() - 16;
    whole.putShort(name, (short) (0xc000 | name));
    Assertions.assertThatThrownBy(() -> DnsCodec.records(whole, RecordType.A))
        .isInstanceOf(DnsCodec.MalformedException.class);
  }

  @Test
  void aLongAnswerIsTruncatedAndWholeOverTcp() throws NamingException, IOException {
    ByteBuffer truncated = udp(question("big.shop.svc.cluster.local", RecordType.A, 0));
    assertThat(truncated.getShort(2) & 0x0200).isNotZero();
    assertThat(truncated.remaining()).isLessThanOrEqualTo(512);

    ByteBuffer larger = udp(question("big.shop.svc.cluster.local", RecordType.A, 4096));
    assertThat(larger.getShort(2) & 0x0200).isZero();
    assertThat(larger.getShort(6)).isEqualTo((short) 60);
    assertThat(larger.getShort(10)).as("an OPT record answers an OPT record").isEqualTo((short) 1);

    // The JDK's client falls back to TCP by itself.
    assertThat(
            client.getAttributes("big.shop.svc.cluster.local", new String[] {"A"}).get("A").size())
        .isEqualTo(60);
  }

  @Test
  void aConnectionCarriesSeveralQuestions() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      for (int round = 0; round < 3; round++) {
        byte[] question = question("web.shop.svc.cluster.local", RecordType.A, 0);
        ByteBuffer framed = ByteBuffer.allocate(question.length + 2);
        framed.putShort((short) question.length).put(question);
        socket.getOutputStream().write(framed.array());
        byte[] answer = new byte[in.readUnsignedShort()];
        in.readFully(answer);
        assertThat(ByteBuffer.wrap(answer).getShort(6)).isEqualTo((short) 1);
      }
    }
  }

  @Test
  void rubbishIsRefusedAndTheServerGoesOn() throws IOException, NamingException {
    byte[] endless = question("web.shop.svc.cluster.local", RecordType.A, 0);
    endless[12] = (byte) 0xc0; // a pointer to itself
    endless[13] = 12;
    assertThat(udp(endless).getShort(2) & 0xf).isEqualTo(1);
    assertThat(udp(new byte[] {1, 2, 0, 0, 0}).getShort(2) & 0xf).isEqualTo(1);
    assertResolved();
  }

  @Test
  void everyPrefixOfAQuestionIsSurvived() throws NamingException {
    byte[] whole = question("web.shop.svc.cluster.local", RecordType.A, 1232);
    for (int length = 0; length < whole.length; length++) {
      ByteBuffer part = ByteBuffer.wrap(whole, 0, length).slice();
      Assertions.assertThatThrownBy(() -> DnsCodec.query(part))
          .isInstanceOf(DnsCodec.MalformedException.class);
    }
  }

  private void assertResolved() throws NamingException {
    assertThat(
            client.getAttributes("web.shop.svc.cluster.local", new String[] {"A"}).get("A").get())
        .isEqualTo("10.96.0.20");
  }

  private ByteBuffer udp(byte[] message) throws IOException {
    return udp(server, message);
  }

  private static ByteBuffer udp(DnsServer asked, byte[] message) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(60_000);
      socket.connect(asked.address());
      socket.send(new DatagramPacket(message, message.length));
      DatagramPacket answer = new DatagramPacket(new byte[4096], 4096);
      socket.receive(answer);
      return ByteBuffer.wrap(answer.getData(), 0, answer.getLength()).slice();
    }
  }

  /** A question; with an OPT record when a size is given. */
  private static byte[] question(String name, int type, int udpSize) {
    ByteBuffer bytes = ByteBuffer.allocate(512);
    bytes.putShort((short) 7).putShort((short) 0x0100).putShort((short) 1).putInt(0);
    bytes.putShort((short) (udpSize > 0 ? 1 : 0));
    for (String label : name.split("\\.", -1)) {
      bytes.put((byte) label.length()).put(label.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    bytes.put((byte) 0).putShort((short) type).putShort((short) 1);
    if (udpSize > 0) {
      bytes.put((byte) 0).putShort((short) RecordType.OPT).putShort((short) udpSize);
      bytes.putInt(0).putShort((short) 0);
    }
    byte[] message = new byte[bytes.position()];
    bytes.flip().get(message);
    return message;
  }
}
