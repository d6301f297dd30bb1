package dev.coxswain.kubelet.streaming;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins a client that asked to upgrade its HTTP/1.1 connection to the runtime's streaming address.
 *
 * <p>What a client may speak, and what it becomes towards the runtime (no containerd release
 * understands {@code v5.channel.k8s.io}):
 *
 * <ul>
 *   <li>SPDY/3.1: a raw tunnel after the 101 answer, whose headers are the runtime's own;
 *   <li>WebSocket {@code v5.channel.k8s.io}, {@code v4.channel.k8s.io} or {@code channel.k8s.io}:
 *       translated to SPDY streams;
 *   <li>WebSocket {@code SPDY/3.1+portforward.k8s.io}: SPDY bytes inside binary messages, unwrapped
 *       into a raw tunnel;
 *   <li>for forwarded ports WebSocket {@code v4.channel.k8s.io}, two channels for each port: a raw
 *       tunnel, because the runtime speaks it itself.
 * </ul>
 */
@SuppressWarnings("FutureReturnValueIgnored")
public final class Bridge {
  /**
   * A session on which nothing moves for this long is closed; upstream's streaming idle timeout.
   */
  private static final int IDLE_HOURS = 4;

  /**
   * The largest WebSocket frame taken from a client, in bytes. Some clients send what they are
   * given at once as one frame: a file of a few megabytes, say.
   */
  private static final int FRAME_BYTES = 16 << 20;

  private static final String TUNNEL_PREFIX = "SPDY/3.1+";
  private static final String CHANNEL_PROTOCOL_V5 = "v5.channel.k8s.io";
  private static final String CHANNEL_PROTOCOL_V4 = "v4.channel.k8s.io";

  /** The oldest protocol: tells a failure as text and a success not at all. */
  private static final String CHANNEL_PROTOCOL_V1 = "channel.k8s.io";

  /** What the runtime's own WebSocket for ports speaks; the second carries text alone. */
  private static final Set<String> PORT_PROTOCOLS =
      Set.of("", CHANNEL_PROTOCOL_V4, "v4.base64.channel.k8s.io");

  private static final String STREAM_PROTOCOL_V4 = "v4.channel.k8s.io";
  private static final String STREAM_PROTOCOL_HEADER = "X-Stream-Protocol-Version";
  private static final Logger LOG = LoggerFactory.getLogger(Bridge.class);

  private Bridge() {}

  /** Whether the request asks for one of the upgrades above. */
  public static boolean wanted(FullHttpRequest request) {
    String upgrade = request.headers().get(HttpHeaderNames.UPGRADE, "");
    return upgrade.equalsIgnoreCase("websocket") || upgrade.equalsIgnoreCase("SPDY/3.1");
  }

  /**
   * Takes the client's connection over. Its pipeline must hold an {@link HttpServerCodec}; every
   * handler behind the codec is removed. A failure before the upgrade is answered with a plain-text
   * error, and the connection is closed.
   *
   * @param client the client's connection, on whose event loop this is called
   * @param request the upgrade request; not kept
   * @param runtime the runtime's one-shot streaming address
   * @param streams the streams of a remote command; ignored by the tunnels
   */
  public static void join(
      ChannelHandlerContext client, FullHttpRequest request, URI runtime, RemoteStreams streams) {
    Channel channel = client.channel();
    channel.config().setAutoRead(false);
    if (request.headers().get(HttpHeaderNames.UPGRADE, "").equalsIgnoreCase("SPDY/3.1")) {
      List<String> protocols = request.headers().getAll(STREAM_PROTOCOL_HEADER);
      joinRaw(channel, UpgradeRequest.spdy(protocols), runtime);
    } else {
      joinWebSocket(channel, request, runtime, streams);
    }
  }

  /** The same for forwarded ports. */
  public static void joinPorts(ChannelHandlerContext client, FullHttpRequest request, URI runtime) {
    if (speaksChannels(request)) {
      client.channel().config().setAutoRead(false);
      joinRaw(client.channel(), UpgradeRequest.webSocket(request.headers()), runtime);
    } else {
      join(client, request, runtime, new RemoteStreams(false, false, false, false));
    }
  }

  /** Whether the client speaks WebSocket with a channel for each stream, and no SPDY inside it. */
  public static boolean speaksChannels(FullHttpRequest request) {
    List<String> offered = offered(request);
    return request.headers().get(HttpHeaderNames.UPGRADE, "").equalsIgnoreCase("websocket")
        && offered.stream().noneMatch(name -> name.startsWith(TUNNEL_PREFIX))
        && offered.stream().anyMatch(PORT_PROTOCOLS::contains);
  }

  /** Hands the runtime's own answer on, and then every byte. */
  private static void joinRaw(Channel client, UpgradeRequest asked, URI runtime) {
    RuntimeConnection.open(
        client,
        runtime,
        asked,
        new OrRefuse(client) {
          @Override
          public void upgraded(RuntimeConnection.Upgraded connection) {
            stripToTls(client.pipeline());
            StringBuilder answer = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\n");
            connection
                .headers()
                .forEach(header ->
                    answer
                        .append(header.getKey())
                        .append(": ")
                        .append(header.getValue())
                        .append("\r\n"));
            client
                .writeAndFlush(
                    Unpooled.copiedBuffer(answer.append("\r\n"), StandardCharsets.US_ASCII))
                .addListener(closeOnFailure(client));
            couple(
                client, Relay.raw(connection.channel()), connection.channel(), Relay.raw(client));
          }
        });
  }

  private static void joinWebSocket(
      Channel client, FullHttpRequest request, URI runtime, RemoteStreams streams) {
    List<String> offered = offered(request);
    String chosen =
        offered.stream()
            .filter(name ->
                name.startsWith(TUNNEL_PREFIX)
                    || name.equals(CHANNEL_PROTOCOL_V5)
                    || name.equals(CHANNEL_PROTOCOL_V4)
                    || name.equals(CHANNEL_PROTOCOL_V1))
            .findFirst()
            .orElse("");
    if (chosen.isEmpty()) {
      refuse(
          client,
          HttpResponseStatus.BAD_REQUEST,
          "no supported WebSocket protocol among " + offered);
      return;
    }
    boolean tunnel = chosen.startsWith(TUNNEL_PREFIX);
    FullHttpRequest kept = request.retainedDuplicate();
    RuntimeConnection.open(
        client,
        runtime,
        UpgradeRequest.spdy(
            List.of(tunnel ? chosen.substring(TUNNEL_PREFIX.length()) : STREAM_PROTOCOL_V4)),
        new OrRefuse(client) {
          @Override
          public void upgraded(RuntimeConnection.Upgraded connection) {
            if (!shakeHands(client, kept, chosen)) {
              connection.channel().close();
              return;
            }
            if (tunnel) {
              couple(
                  client,
                  Relay.raw(connection.channel()),
                  connection.channel(),
                  Relay.wrapping(client));
            } else {
              connection.channel().pipeline().addLast(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
              RemoteCommand command =
                  new RemoteCommand(
                      client, connection.channel(), streams, chosen.equals(CHANNEL_PROTOCOL_V1));
              couple(
                  client, command.clientHandler(), connection.channel(), command.runtimeHandler());
              command.open();
            }
          }

          @Override
          public void failed(IOException reason) {
            kept.release();
            super.failed(reason);
          }
        });
  }

  private static List<String> offered(FullHttpRequest request) {
    String header = request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, "");
    return Arrays.stream(header.split(",", -1)).map(String::strip).toList();
  }

  /** Answers the WebSocket handshake and leaves only its frame codec in the client's pipeline. */
  private static boolean shakeHands(Channel client, FullHttpRequest request, String protocol) {
    try {
      WebSocketServerHandshaker handshaker =
          new WebSocketServerHandshakerFactory(
                  "wss://"
                      + request.headers().get(HttpHeaderNames.HOST, "localhost")
                      + request.uri(),
                  protocol,
                  WebSocketDecoderConfig.newBuilder()
                      .maxFramePayloadLength(FRAME_BYTES)
                      .closeOnProtocolViolation(true)
                      .build())
              .newHandshaker(request);
      if (handshaker == null) {
        WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(client)
            .addListener(ChannelFutureListener.CLOSE);
        return false;
      }
      stripToCodec(client.pipeline());
      handshaker.handshake(client, request).addListener(closeOnFailure(client));
      return true;
    } finally {
      request.release();
    }
  }

  /** Puts the two handlers in place and lets both ends read. */
  private static void couple(
      Channel client, ChannelHandler fromClient, Channel runtime, ChannelHandler fromRuntime) {
    client
        .pipeline()
        .addLast(new IdleStateHandler(0, 0, IDLE_HOURS, TimeUnit.HOURS))
        .addLast(new CloseWhenIdle())
        .addLast(fromClient);
    runtime.pipeline().addLast(fromRuntime);
    client.config().setAutoRead(true);
    if (!client.isActive()) {
      runtime.close();
    }
  }

  /** Removes what stands behind the HTTP codec. */
  private static void stripToCodec(ChannelPipeline pipeline) {
    for (String name : new ArrayList<>(pipeline.names())) {
      ChannelHandler handler = pipeline.get(name);
      if (handler != null
          && !(handler instanceof SslHandler)
          && !(handler instanceof HttpServerCodec)) {
        pipeline.remove(handler);
      }
    }
  }

  private static void stripToTls(ChannelPipeline pipeline) {
    stripToCodec(pipeline);
    pipeline.remove(HttpServerCodec.class);
  }

  private static void refuse(Channel client, HttpResponseStatus status, String message) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            Unpooled.copiedBuffer(message + "\n", StandardCharsets.UTF_8));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
        .setInt(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
        .set(HttpHeaderNames.CONNECTION, "close");
    client.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  /** A write that fails means that its end is gone; then the end that was to be told closes too. */
  static ChannelFutureListener closeOnFailure(Channel channel) {
    return written -> {
      if (!written.isSuccess()) {
        channel.close();
      }
    };
  }

  private abstract static class OrRefuse implements RuntimeConnection.Outcome {
    private final Channel client;

    private OrRefuse(Channel client) {
      this.client = client;
    }

    @Override
    public void failed(IOException reason) {
      LOG.warn("streaming failed: {}", reason.getMessage());
      refuse(client, HttpResponseStatus.INTERNAL_SERVER_ERROR, String.valueOf(reason.getMessage()));
    }
  }
}
