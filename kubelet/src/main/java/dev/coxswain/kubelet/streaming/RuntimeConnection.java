package dev.coxswain.kubelet.streaming;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Opens a connection to the runtime's one-shot streaming address and upgrades it. */
@SuppressWarnings("FutureReturnValueIgnored")
final class RuntimeConnection {
  private static final int CONNECT_MILLIS = 10_000;
  private static final int UPGRADE_SECONDS = 30;
  private static final int ANSWER_BYTES = 64 << 10;
  private static final String READ_TIMEOUT = "upgrade-timeout";
  private static final String ENCODER = "upgrade-encoder";
  private static final String DECODER = "upgrade-decoder";
  private static final String AGGREGATOR = "upgrade-aggregator";
  private static final String UPGRADE = "upgrade";

  private RuntimeConnection() {}

  /**
   * A connection after its 101 answer, with no codec left in its pipeline and reading paused.
   *
   * @param channel the connection
   * @param headers the headers of the runtime's answer
   */
  record Upgraded(Channel channel, HttpHeaders headers) {}

  /** Told once how the opening went, on the client's event loop. */
  interface Outcome {
    /** The connection stands; handlers added to its pipeline now see all that comes. */
    void upgraded(Upgraded connection);

    /** There is no connection. */
    void failed(IOException reason);
  }

  /** Connects on the client's own event loop, so that both ends of the bridge share one thread. */
  static void open(Channel client, URI address, UpgradeRequest asked, Outcome outcome) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(client.eventLoop())
            .channel(NioSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            READ_TIMEOUT, new ReadTimeoutHandler(UPGRADE_SECONDS, TimeUnit.SECONDS))
                        .addLast(ENCODER, new HttpRequestEncoder())
                        .addLast(DECODER, new HttpResponseDecoder())
                        .addLast(AGGREGATOR, new HttpObjectAggregator(ANSWER_BYTES))
                        .addLast(UPGRADE, new Upgrade(address, asked, outcome));
                  }
                });
    bootstrap
        .connect(address.getHost(), address.getPort())
        .addListener(connected -> {
          if (!connected.isSuccess()) {
            outcome.failed(
                new IOException(
                    "the container runtime's streaming server at "
                        + address.getAuthority()
                        + " did not answer",
                    connected.cause()));
          }
        });
  }

  private static final class Upgrade extends SimpleChannelInboundHandler<FullHttpResponse> {
    private final URI address;
    private final UpgradeRequest asked;
    private final Outcome outcome;
    private boolean told;

    private Upgrade(URI address, UpgradeRequest asked, Outcome outcome) {
      this.address = address;
      this.asked = asked;
      this.outcome = outcome;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      String path =
          address.getRawPath() + (address.getRawQuery() == null ? "" : "?" + address.getRawQuery());
      FullHttpRequest request =
          new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, asked.method(), path);
      request
          .headers()
          .set(asked.headers())
          .set(HttpHeaderNames.HOST, address.getAuthority())
          .set(HttpHeaderNames.CONTENT_LENGTH, 0);
      context.writeAndFlush(request).addListener(Bridge.closeOnFailure(context.channel()));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
      if (!response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
        String text = response.content().toString(StandardCharsets.UTF_8).strip();
        fail(
            context,
            new IOException(
                "the container runtime refused to stream: " + response.status() + " " + text));
        return;
      }
      Channel channel = context.channel();
      channel.config().setAutoRead(false);
      HttpHeaders headers = response.headers().copy();
      told = true;
      channel.pipeline().remove(ENCODER);
      // Puts the next protocol's handlers behind these; what the decoder had read ahead is then
      // handed to them.
      outcome.upgraded(new Upgraded(channel, headers));
      channel.pipeline().remove(READ_TIMEOUT);
      channel.pipeline().remove(AGGREGATOR);
      channel.pipeline().remove(this);
      channel.pipeline().remove(DECODER);
      channel.config().setAutoRead(true);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      fail(
          context,
          new IOException("the container runtime closed the connection before it answered"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      fail(
          context,
          new IOException("the container runtime's streaming server failed: " + cause, cause));
    }

    private void fail(ChannelHandlerContext context, IOException reason) {
      context.close();
      if (!told) {
        told = true;
        outcome.failed(reason);
      }
    }
  }
}
