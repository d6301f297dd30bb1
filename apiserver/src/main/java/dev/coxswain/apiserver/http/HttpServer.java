package dev.coxswain.apiserver.http;

import dev.coxswain.runtime.time.Time;
import dev.coxswain.runtime.tls.Tls;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;

/** The HTTPS server: HTTP/2 or HTTP/1.1 as the client chooses, over TLS 1.2 or 1.3. */
public final class HttpServer implements AutoCloseable {
  /** The largest body that is taken, in bytes. */
  public static final int MAX_BODY = BodyGuard.MAX_BODY;

  /**
   * How many bytes go into one record of TLS, as the JDK makes them: with the full 16 KiB a few
   * would be left over each time, and all that follows copied to be put together with those.
   */
  static final int RECORD = (16 << 10) - 17;

  /** How many connections wait to be accepted. */
  private static final int BACKLOG = 1024;

  /** How long a client may take for its TLS handshake. */
  private static final Duration HANDSHAKE = Duration.ofSeconds(10);

  /** From and down to how many unsent bytes a client is called slow. */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(64 << 10, 256 << 10);

  private static final Duration DRAIN_STEP = Duration.ofMillis(20);

  private final ServerContext context;
  private final Time time;
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Channel listener;

  private HttpServer(
      HttpServerConfig config,
      RequestHandler handler,
      EventLoopGroup loops,
      ExecutorService threads,
      Time time)
      throws IOException {
    ClientTrust trust = new ClientTrust(Tls.trust(config.clientAuthorities()));
    this.context = new ServerContext(handler, threads, trust);
    this.time = time;
    SslContext tls = tls(config, trust);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    connections.add(channel);
                    SslHandler handshake = tls.newHandler(channel.alloc());
                    handshake.setHandshakeTimeoutMillis(HANDSHAKE.toMillis());
                    handshake.setWrapDataSize(RECORD);
                    channel.pipeline().addLast(handshake, new ProtocolChooser(context));
                  }
                });
    var bound = bootstrap.bind(config.address()).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on "
              + config.address().getHostString()
              + ":"
              + config.address().getPort()
              + ": "
              + bound.cause().getMessage(),
          bound.cause());
    }
    this.listener = bound.channel();
  }

  /**
   * Starts to serve.
   *
   * @throws IOException when the port is taken or a file cannot be read
   * @throws IllegalArgumentException when a certificate or key is not usable
   */
  public static HttpServer start(
      HttpServerConfig config,
      RequestHandler handler,
      EventLoopGroup loops,
      ExecutorService threads,
      Time time)
      throws IOException {
    return new HttpServer(config, handler, loops, threads, time);
  }

  private static SslContext tls(HttpServerConfig config, ClientTrust trust) throws IOException {
    return SslContextBuilder.forServer(Tls.identity(config.certificate(), config.key()))
        .sslProvider(SslProvider.JDK)
        .trustManager(trust.handshake())
        .clientAuth(ClientAuth.OPTIONAL)
        .protocols("TLSv1.3", "TLSv1.2")
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                ApplicationProtocolNames.HTTP_2,
                ApplicationProtocolNames.HTTP_1_1))
        .build();
  }

  /** The port that it listens on. */
  public int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /** How many requests are being answered, watches included. */
  public int active() {
    return context.active();
  }

  /**
   * Takes no new connections and waits until the answers under way are complete; what takes longer
   * is cut off.
   */
  public void drain(Duration longest) throws InterruptedException {
    listener.close().awaitUninterruptibly();
    context.drain();
    long deadline = time.nanos() + longest.toNanos();
    while (context.active() > 0 && time.nanos() < deadline) {
      time.sleep(DRAIN_STEP);
    }
    close();
  }

  @Override
  public void close() {
    listener.close().awaitUninterruptibly();
    connections.close().awaitUninterruptibly();
  }
}
