package dev.coxswain.kubelet.streaming;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * A runtime's streaming server whose every command is {@code cat}: what comes on stdin goes to
 * stdout; when stdin ends, or on the line {@code exit}, it reports success on the error stream and
 * closes. With {@code portforward.k8s.io} it echoes raw bytes, and with WebSocket frames.
 */
@SuppressWarnings("FutureReturnValueIgnored")
final class EchoRuntime implements AutoCloseable {
  private final Channel server;

  EchoRuntime(EventLoopGroup group) {
    this.server =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new HttpServerCodec(), new HttpObjectAggregator(1 << 16), new Accept());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  URI address() {
    return URI.create(
        "http://127.0.0.1:"
            + ((InetSocketAddress) server.localAddress()).getPort()
            + "/exec/token");
  }

  @Override
  public void close() {
    server.close().syncUninterruptibly();
  }

  private static final class Accept extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      Channel channel = context.channel();
      if (request.headers().contains(HttpHeaderNames.UPGRADE, "websocket", true)) {
        new WebSocketServerHandshakerFactory("ws://runtime", "v4.channel.k8s.io", false)
            .newHandshaker(request)
            .handshake(channel, request);
        channel.pipeline().addLast(new Echo());
        channel.pipeline().remove(this);
        return;
      }
      String protocol = request.headers().get("X-Stream-Protocol-Version");
      channel.pipeline().remove(HttpObjectAggregator.class);
      channel.pipeline().remove(this);
      channel.pipeline().remove(HttpServerCodec.class);
      String answer =
          "HTTP/1.1 101 Switching Protocols\r\n"
              + "Connection: Upgrade\r\n"
              + "Upgrade: SPDY/3.1\r\n"
              + "X-Stream-Protocol-Version: "
              + protocol
              + "\r\n\r\n";
      channel.writeAndFlush(Unpooled.copiedBuffer(answer, StandardCharsets.US_ASCII));
      if ("portforward.k8s.io".equals(protocol)) {
        channel.pipeline().addLast(new Echo());
      } else {
        channel.pipeline().addLast(new SpdyFrameCodec(SpdyVersion.SPDY_3_1), new Cat());
      }
    }
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.writeAndFlush(message);
    }
  }

  private static final class Cat extends ChannelInboundHandlerAdapter {
    private final Map<String, Integer> streams = new HashMap<>();

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      switch (message) {
        case SpdySynStreamFrame open ->
            streams.put(String.valueOf(open.headers().get("streamtype")), open.streamId());
        case SpdyDataFrame data -> {
          if (data.streamId() == streams.getOrDefault("stdin", -1)) {
            boolean exit = data.content().toString(StandardCharsets.UTF_8).equals("exit");
            if (data.content().isReadable() && !exit) {
              context.write(
                  new DefaultSpdyDataFrame(
                      streams.getOrDefault("stdout", 0), data.content().retain()));
            }
            if (data.isLast() || exit) {
              end(context, "stdout", Unpooled.EMPTY_BUFFER);
              end(
                  context,
                  "error",
                  Unpooled.copiedBuffer("{\"status\":\"Success\"}", StandardCharsets.UTF_8));
            }
          }
          data.release();
          context.flush();
        }
        default -> ReferenceCountUtil.release(message);
      }
    }

    private void end(ChannelHandlerContext context, String stream, ByteBuf content) {
      DefaultSpdyDataFrame last =
          new DefaultSpdyDataFrame(streams.getOrDefault(stream, 0), content);
      last.setLast(true);
      context.write(last);
    }
  }
}
