package dev.coxswain.apiserver.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import java.io.IOException;

/** Sets a connection up for the protocol that the TLS handshake agreed on. */
// A write that fails closes the channel, and that is what everybody here listens to.
@SuppressWarnings("FutureReturnValueIgnored")
final class ProtocolChooser extends ApplicationProtocolNegotiationHandler {
  /** The longest request line or header block, in bytes. */
  private static final int MAX_HEADERS = 64 << 10;

  /** How many requests one HTTP/2 connection has open at once, watches included. */
  private static final int MAX_STREAMS = 250;

  /**
   * How many requests a connection may break off within {@value #RESET_SECONDS} seconds before it
   * is ended. Ending a watch breaks its request off, so that a client with every stream a watch,
   * which lets go of them all every second, must stay below; what a request costs is bounded by
   * fairness.
   */
  private static final int MAX_RESETS = 30 * MAX_STREAMS;

  private static final int RESET_SECONDS = 30;

  /** How many bytes of a body a client may send before they are taken in. */
  private static final int STREAM_WINDOW = 256 << 10;

  /**
   * From and down to how many unsent bytes the client of a stream is called slow: a connection has
   * hundreds, none of which need be read.
   */
  private static final WriteBufferWaterMark STREAM_MARK =
      new WriteBufferWaterMark(16 << 10, 32 << 10);

  private final ServerContext server;

  ProtocolChooser(ServerContext server) {
    super(ApplicationProtocolNames.HTTP_1_1);
    this.server = server;
  }

  @Override
  protected void configurePipeline(ChannelHandlerContext context, String protocol) {
    ChannelPipeline pipeline = context.pipeline();
    if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
      Http2FrameCodec codec =
          Http2FrameCodecBuilder.forServer()
              .decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_SECONDS)
              .initialSettings(
                  Http2Settings.defaultSettings()
                      .maxConcurrentStreams(MAX_STREAMS)
                      .maxHeaderListSize(MAX_HEADERS)
                      .initialWindowSize(STREAM_WINDOW))
              .build();
      pipeline.addLast(
          codec,
          new Http2MultiplexHandler(
              new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel stream) {
                  stream.config().setWriteBufferWaterMark(STREAM_MARK);
                  stream.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(true));
                  requests(stream, false);
                }
              }),
          new UnusedConnection(codec.connection()),
          new ConnectionGuard(server));
    } else {
      pipeline.addLast(
          new HttpServerCodec(
              new HttpDecoderConfig()
                  .setMaxInitialLineLength(MAX_HEADERS)
                  .setMaxHeaderSize(MAX_HEADERS)),
          new HttpServerKeepAliveHandler());
      requests(context.channel(), true);
    }
  }

  /** What turns the messages of a connection or stream into requests. */
  private void requests(Channel channel, boolean upgradable) {
    channel
        .pipeline()
        .addLast(
            new RequestDeadline(),
            new BodyGuard(
                server.bodies(), () -> server.certified(channel), server.handler()::refusal),
            new HttpObjectAggregator(BodyGuard.MAX_BODY),
            new ExchangeHandler(server, upgradable));
  }

  @Override
  protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
    server.connectionFailed(context.channel(), new IOException("TLS: " + cause.getMessage()));
    context.close();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    server.connectionFailed(context.channel(), cause);
    context.close();
  }
}
