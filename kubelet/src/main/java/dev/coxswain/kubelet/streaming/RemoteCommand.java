package dev.coxswain.kubelet.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Translates between a client's {@code channel.k8s.io} messages and the runtime's SPDY streams.
 * Lives on one event loop.
 *
 * <p>The runtime's SPDY has no flow control of its own; each side is read only as fast as the other
 * takes it.
 */
@SuppressWarnings("FutureReturnValueIgnored")
final class RemoteCommand {
  /** A status is far smaller; what is beyond is cut off. */
  private static final int STATUS_BYTES = 64 << 10;

  /** How long a client may take to say farewell too. */
  private static final Duration LAST_WORD = Duration.ofSeconds(2);

  private static final JsonMapper JSON = new JsonMapper();

  private final boolean plainStatus;
  private final ByteArrayOutputStream status = new ByteArrayOutputStream();
  private final Channel client;
  private final Channel runtime;
  private final RemoteStreams streams;
  private final Map<RemoteChannel, Integer> streamIds = new EnumMap<>(RemoteChannel.class);
  private final Map<Integer, RemoteChannel> channels = new HashMap<>();
  private final Set<RemoteChannel> finished = EnumSet.noneOf(RemoteChannel.class);

  /** The channel of the message whose fragments are coming in; null when it is one to ignore. */
  private @Nullable RemoteChannel current;

  /**
   * Whether the fragment that comes next is the first of a message, with the channel byte in front.
   */
  private boolean closing;

  private boolean saidFarewell;

  /**
   * Joins the two.
   *
   * @param plainStatus whether the client wants a failure as text and no word of a success
   */
  RemoteCommand(Channel client, Channel runtime, RemoteStreams streams, boolean plainStatus) {
    this.plainStatus = plainStatus;
    this.client = client;
    this.runtime = runtime;
    this.streams = streams;
  }

  private static String failure(byte[] status) {
    try {
      JsonNode parsed = JSON.readTree(status);
      return parsed.path("status").asString("").equals("Success")
          ? ""
          : parsed.path("message").asString("");
    } catch (JacksonException text) {
      return new String(status, StandardCharsets.UTF_8);
    }
  }

  ChannelHandler clientHandler() {
    return new FromClient();
  }

  ChannelHandler runtimeHandler() {
    return new FromRuntime();
  }

  /** Opens the runtime's streams and tells the client that the connection stands. */
  void open() {
    int streamId = 1;
    for (RemoteChannel channel : streams.channels()) {
      streamIds.put(channel, streamId);
      channels.put(streamId, channel);
      SpdySynStreamFrame open = new DefaultSpdySynStreamFrame(streamId, 0, (byte) 0);
      open.headers().set("streamtype", channel.streamType());
      runtime.write(open).addListener(Bridge.closeOnFailure(client));
      streamId += 2;
    }
    runtime.flush();
    toClient(streams.greeting(), Unpooled.EMPTY_BUFFER);
    client.flush();
  }

  private void toClient(RemoteChannel channel, ByteBuf content) {
    ByteBuf number = client.alloc().buffer(1).writeByte(channel.number());
    client
        .write(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(number, content)))
        .addListener(Bridge.closeOnFailure(runtime));
  }

  private void toRuntime(RemoteChannel channel, ByteBuf content) {
    Integer streamId = streamIds.get(channel);
    if (streamId == null || finished.contains(channel) || !content.isReadable()) {
      content.release();
      return;
    }
    runtime
        .write(new DefaultSpdyDataFrame(streamId, content))
        .addListener(Bridge.closeOnFailure(client));
  }

  /** A half-close, which only v5 clients can say. */
  private void closeTowardsRuntime(int number) {
    RemoteChannel.of(number)
        .filter(streamIds::containsKey)
        .filter(finished::add)
        .ifPresent(channel -> {
          DefaultSpdyDataFrame last = new DefaultSpdyDataFrame(streamIds.getOrDefault(channel, 0));
          last.setLast(true);
          runtime.write(last).addListener(Bridge.closeOnFailure(client));
        });
  }

  private void message(ByteBuf content, boolean finalFragment) {
    if (!content.isReadable()) {
      content.release();
      return;
    }
    int number = content.readUnsignedByte();
    if (number == RemoteChannel.CLOSE) {
      current = null;
      closing = !content.isReadable() && !finalFragment;
      if (content.isReadable()) {
        closeTowardsRuntime(content.readUnsignedByte());
      }
      content.release();
      return;
    }
    current = RemoteChannel.of(number).orElse(null);
    fragment(content);
  }

  private void fragment(ByteBuf content) {
    if (closing && content.isReadable()) {
      closing = false;
      closeTowardsRuntime(content.readUnsignedByte());
      content.release();
    } else if (current == null) {
      content.release();
    } else {
      toRuntime(current, content);
    }
  }

  private final class FromClient extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      switch (message) {
        case BinaryWebSocketFrame frame -> message(frame.content(), frame.isFinalFragment());
        case TextWebSocketFrame frame -> message(frame.content(), frame.isFinalFragment());
        case ContinuationWebSocketFrame frame -> fragment(frame.content());
        case PingWebSocketFrame ping ->
            context
                .writeAndFlush(new PongWebSocketFrame(ping.content()))
                .addListener(Bridge.closeOnFailure(runtime));
        case CloseWebSocketFrame close -> {
          close.release();
          farewell();
          context.close();
        }
        case WebSocketFrame frame -> frame.release();
        default -> ReferenceCountUtil.release(message);
      }
      client.config().setAutoRead(runtime.isWritable() || saidFarewell);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      runtime.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      runtime.config().setAutoRead(client.isWritable());
      context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      runtime.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }

  /**
   * Says that it is over. A client that is done reading says so too, and is given the time to, from
   * when it has been sent everything: on a connection that ends before, many a client reports a
   * failure.
   */
  private void farewell() {
    if (!saidFarewell) {
      saidFarewell = true;
      client.config().setAutoRead(true);
      client
          .writeAndFlush(new CloseWebSocketFrame(1000, ""))
          .addListener(Bridge.closeOnFailure(runtime))
          .addListener(sent ->
              client
                  .eventLoop()
                  .schedule(() -> client.close(), LAST_WORD.toMillis(), TimeUnit.MILLISECONDS));
    }
  }

  private final class FromRuntime extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      switch (message) {
        case SpdyDataFrame data -> {
          RemoteChannel channel = channels.get(data.streamId());
          if (channel == RemoteChannel.ERROR && plainStatus) {
            int room = STATUS_BYTES - status.size();
            status.writeBytes(
                ByteBufUtil.getBytes(
                    data.content(),
                    data.content().readerIndex(),
                    Math.min(room, data.content().readableBytes())));
          } else if (channel != null && data.content().isReadable()) {
            toClient(channel, data.content().retain());
          }
          if (data.isLast()) {
            ended(data.streamId());
          }
          data.release();
        }
        case SpdyRstStreamFrame reset -> ended(reset.streamId());
        case SpdyPingFrame ping ->
            context
                .writeAndFlush(new DefaultSpdyPingFrame(ping.id()))
                .addListener(Bridge.closeOnFailure(client));
        default -> ReferenceCountUtil.release(message);
      }
      runtime.config().setAutoRead(client.isWritable());
    }

    /** The runtime ends the error stream last: when it has, the outcome is told. */
    private void ended(int streamId) {
      if (channels.remove(streamId) == RemoteChannel.ERROR) {
        String failure = plainStatus ? failure(status.toByteArray()) : "";
        if (!failure.isEmpty()) {
          toClient(RemoteChannel.ERROR, Unpooled.copiedBuffer(failure, StandardCharsets.UTF_8));
        }
        farewell();
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      client.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      client.config().setAutoRead(runtime.isWritable() || saidFarewell);
      context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      farewell();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
