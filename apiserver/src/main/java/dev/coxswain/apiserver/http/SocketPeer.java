package dev.coxswain.apiserver.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Speaks WebSocket (RFC 6455) with a client that listens, and has nothing to say itself. */
// A write that fails closes the channel, and that is what everybody here listens to.
@SuppressWarnings("FutureReturnValueIgnored")
final class SocketPeer extends ChannelInboundHandlerAdapter {
  /** The longest message of a client's, in bytes: it has but control frames to send. */
  private static final int MAX_MESSAGE = 4 << 10;

  /** The constant that the protocol adds to a client's key. */
  private static final String SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private final StreamGate gate;

  SocketPeer(StreamGate gate) {
    this.gate = gate;
  }

  /** Whether a request asks for WebSocket in the one version that there is. */
  static boolean wanted(HttpRequest request) {
    return request.wantsUpgrade()
        && request.header("Upgrade").equalsIgnoreCase("websocket")
        && request.header("Sec-WebSocket-Version").equals("13")
        && !request.header("Sec-WebSocket-Key").isEmpty();
  }

  /** The subprotocols that a request offers, the one that is liked best first. */
  static List<String> offered(HttpRequest request) {
    return request.headers("Sec-WebSocket-Protocol").stream()
        .flatMap(line -> Arrays.stream(line.split(",", -1)))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .toList();
  }

  /**
   * Answers the handshake; this handler already has the connection for itself.
   *
   * @param protocol the subprotocol that is spoken; empty for none
   */
  void begin(Channel channel, HttpRequest request, String protocol) {
    String answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + accept(request.header("Sec-WebSocket-Key"))
            + (protocol.isEmpty() ? "" : "\r\nSec-WebSocket-Protocol: " + protocol)
            + "\r\n\r\n";
    channel
        .eventLoop()
        .execute(() -> {
          channel.write(Unpooled.wrappedBuffer(answer.getBytes(StandardCharsets.US_ASCII)));
          String name = channel.pipeline().context(this).name();
          channel
              .pipeline()
              .addBefore(
                  name,
                  "frames-in",
                  new WebSocket13FrameDecoder(
                      WebSocketDecoderConfig.newBuilder()
                          .maxFramePayloadLength(MAX_MESSAGE)
                          .build()))
              .addBefore(name, "frames-out", new WebSocket13FrameEncoder(false));
          channel.config().setAutoRead(true);
          channel.flush();
        });
  }

  private static String accept(String key) {
    try {
      byte[] text = (key + SALT).getBytes(StandardCharsets.US_ASCII);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-1", impossible);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    switch (message) {
      case CloseWebSocketFrame close ->
          context.writeAndFlush(close).addListener(ChannelFutureListener.CLOSE);
      case PingWebSocketFrame ping -> context.writeAndFlush(new PongWebSocketFrame(ping.content()));
      default -> ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    gate.writable(context.channel().isWritable());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
