package dev.coxswain.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The example of RFC 6455 and its frames, byte by byte. */
class SocketPeerTest {
  private final StreamGate gate = new StreamGate(null);
  private final SocketPeer peer = new SocketPeer(gate);
  private final EmbeddedChannel channel = new EmbeddedChannel(peer);

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private static HttpRequest request(String version, String... protocols) {
    HttpHeaders headers =
        new DefaultHttpHeaders()
            .add("Sec-WebSocket-Protocol", List.of(protocols))
            .add("Upgrade", "websocket")
            .add("Connection", "keep-alive, Upgrade")
            .add("Sec-WebSocket-Version", version)
            .add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    return new HttpRequest(
        "GET",
        "/api/v1/pods?watch=true",
        headers,
        new byte[0],
        new HttpRequest.Connection("peer", "HTTP/1.1", PeerIdentity.NONE));
  }

  private String sent() {
    StringBuilder all = new StringBuilder();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      all.append(part.toString(StandardCharsets.ISO_8859_1));
      part.release();
    }
    return all.toString();
  }

  private void receive(String hex) {
    channel.writeInbound(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)));
  }

  @Test
  void theHandshakeAndMessagesUntilTheServerIsDone() {
    assertThat(SocketPeer.wanted(request("13"))).isTrue();
    assertThat(SocketPeer.wanted(request("8"))).isFalse();
    peer.begin(channel, request("13"), "");
    channel.runPendingTasks();
    assertThat(sent())
        .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
        .contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
    ResponseStream stream =
        new ResponseStream(channel, gate, new Turns(channel.eventLoop()), Framing.MESSAGES);
    stream.write("Hel".getBytes(StandardCharsets.UTF_8), "lo".getBytes(StandardCharsets.UTF_8));
    stream.flush();
    assertThat(sent()).isEqualTo("\u0081\u0005Hello");
    stream.end();
    assertThat(sent()).isEqualTo("\u0088\u0005\u0003\u00e8Bye");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void bytesComeInTheFirstProtocolOfferedThatThereIs() {
    assertThat(ByteProtocol.of(request("13"))).contains(ByteProtocol.BINARY);
    assertThat(ByteProtocol.of(request("13", "a, base64.binary.k8s.io", "binary.k8s.io")))
        .contains(ByteProtocol.BASE64);
    assertThat(ByteProtocol.of(request("13", "v5.channel.k8s.io"))).isEmpty();
    peer.begin(channel, request("13"), "base64.binary.k8s.io");
    channel.runPendingTasks();
    assertThat(sent()).contains("\r\nSec-WebSocket-Protocol: base64.binary.k8s.io\r\n");
    StreamGate open = new StreamGate(null);
    Turns turns = new Turns(channel.eventLoop());
    ResponseStream text = new ResponseStream(channel, open, turns, ByteProtocol.BASE64.framing());
    text.write(new byte[0]);
    text.write("Hello".getBytes(StandardCharsets.UTF_8));
    text.flush();
    assertThat(sent()).isEqualTo("\u0081\u0000\u0081\u0008SGVsbG8=");
    ResponseStream bytes = new ResponseStream(channel, open, turns, ByteProtocol.BINARY.framing());
    bytes.write("Hello".getBytes(StandardCharsets.UTF_8));
    bytes.flush();
    assertThat(sent()).isEqualTo("\u0082\u0005Hello");
    bytes.end();
    assertThat(sent()).isEqualTo("\u0088\u0005\u0003\u00e8Bye");
  }

  @Test
  void aPingIsAnsweredAndACloseIsClosed() {
    peer.begin(channel, request("13"), "");
    channel.runPendingTasks();
    sent();
    receive("898537fa213d7f9f4d5158"); // a masked ping that says Hello
    assertThat(sent()).isEqualTo("\u008a\u0005Hello");
    receive("888237fa213d3412"); // a masked close, normal
    assertThat(sent()).startsWith("\u0088\u0002");
    assertThat(channel.isOpen()).isFalse();
  }
}
