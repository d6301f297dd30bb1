package dev.coxswain.kubelet.server;

import dev.coxswain.runtime.access.AccessControl;
import dev.coxswain.runtime.time.Time;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** Listens: the API with TLS and client certificates, and plain health for the machine itself. */
@SuppressWarnings("FutureReturnValueIgnored")
public final class KubeletServer implements AutoCloseable {
  /** No request of this API has a body worth mentioning. */
  private static final int BODY_BYTES = 64 * 1024;

  /**
   * A request's first line holds the whole command of an exec. The API server takes {@value
   * #HEADER_BYTES} bytes, and may spell each of them with three here.
   */
  static final int LINE_BYTES = 192 * 1024;

  private static final int HEADER_BYTES = 64 * 1024;
  private static final int BACKLOG = 128;
  private static final long CLOSE_SECONDS = 2;

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  /**
   * Serves the API.
   *
   * @param tls demands no certificate, but verifies one that is shown
   * @param name the node's, to which callers have rights
   * @return the address that was bound
   * @throws IllegalStateException naming the address that cannot be had
   */
  public InetSocketAddress serve(
      InetSocketAddress address,
      SSLContext tls,
      String name,
      NodeApi node,
      AccessControl access,
      Time time) {
    Endpoints endpoints = new Endpoints(node, time);
    QuietConnections quiet = new QuietConnections();
    return bind(
        address,
        new ChannelInitializer<SocketChannel>() {
          @Override
          protected void initChannel(SocketChannel channel) {
            SSLEngine engine = tls.createSSLEngine();
            engine.setUseClientMode(false);
            engine.setWantClientAuth(true);
            channel
                .pipeline()
                .addLast(
                    new SslHandler(engine),
                    new HttpServerCodec(
                        new HttpDecoderConfig()
                            .setMaxInitialLineLength(LINE_BYTES)
                            .setMaxHeaderSize(HEADER_BYTES)),
                    quiet.handler(),
                    new HttpObjectAggregator(BODY_BYTES),
                    new KubeletHandler(endpoints, access, name));
          }
        });
  }

  /** Serves {@code /healthz} without TLS. */
  public InetSocketAddress serveHealth(
      InetSocketAddress address, Supplier<Optional<String>> problem) {
    return bind(
        address,
        new ChannelInitializer<SocketChannel>() {
          @Override
          protected void initChannel(SocketChannel channel) {
            channel
                .pipeline()
                .addLast(
                    new HttpServerCodec(),
                    new HttpObjectAggregator(BODY_BYTES),
                    new HealthHandler(problem));
          }
        });
  }

  private InetSocketAddress bind(
      InetSocketAddress address, ChannelInitializer<SocketChannel> initializer) {
    Channel channel;
    try {
      channel =
          new ServerBootstrap()
              .group(loop)
              .channel(NioServerSocketChannel.class)
              .option(io.netty.channel.ChannelOption.SO_BACKLOG, BACKLOG)
              .option(io.netty.channel.ChannelOption.SO_REUSEADDR, true)
              .childHandler(initializer)
              .bind(address)
              .sync()
              .channel();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while binding " + address, interrupted);
    } catch (RuntimeException failure) {
      throw failure;
    } catch (Exception failure) {
      throw new IllegalStateException(
          "cannot listen on "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + failure.getMessage(),
          failure);
    }
    return (InetSocketAddress) channel.localAddress();
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
  }

  private static final class HealthHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private final Supplier<Optional<String>> problem;

    HealthHandler(Supplier<Optional<String>> problem) {
      this.problem = problem;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      if (!request.uri().startsWith("/healthz")) {
        Answers.text(context.channel(), HttpResponseStatus.NOT_FOUND, "404 page not found");
        return;
      }
      Optional<String> why = problem.get();
      Answers.text(
          context.channel(),
          why.isEmpty() ? HttpResponseStatus.OK : HttpResponseStatus.INTERNAL_SERVER_ERROR,
          why.orElse("ok"));
    }
  }
}
