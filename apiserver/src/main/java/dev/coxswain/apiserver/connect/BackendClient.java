package dev.coxswain.apiserver.connect;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.tls.Tls;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Opens connections to kubelets, pods and services. */
public final class BackendClient {
  /** How long a connection may take to be made, its TLS handshake apart. */
  private static final int CONNECT_MILLIS = 5_000;

  private static final int HANDSHAKE_MILLIS = 10_000;

  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(64 << 10, 256 << 10);

  private final EventLoopGroup loops;
  private final SslContext kubelets;
  private final boolean verifiesKubelets;
  private final SslContext anyone;

  /**
   * A client.
   *
   * @param certificate PEM file with the client certificate for kubelets; null shows none
   * @param key its key
   * @param authority PEM file with the CA of kubelets' certificates; null believes every kubelet
   */
  public BackendClient(
      EventLoopGroup loops,
      @Nullable Path certificate,
      @Nullable Path key,
      @Nullable Path authority) {
    this.loops = loops;
    try {
      SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
      if (certificate != null && key != null) {
        builder.keyManager(Tls.identity(certificate, key));
      }
      if (authority == null) {
        builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
      } else {
        builder.trustManager(Tls.trust(authority));
      }
      this.kubelets = builder.build();
      this.verifiesKubelets = authority != null;
      // What a pod behind a proxy path serves has a certificate that nobody here can judge.
      this.anyone =
          SslContextBuilder.forClient()
              .sslProvider(SslProvider.JDK)
              .trustManager(InsecureTrustManagerFactory.INSTANCE)
              .build();
    } catch (SSLException e) {
      throw new IllegalArgumentException(
          "--kubelet-client-certificate, --kubelet-client-key: " + e.getMessage(), e);
    }
  }

  /**
   * Connects, and shakes hands where the target speaks TLS. Nothing is read until the caller says
   * so.
   *
   * @param handlers the pipeline's handlers, after TLS
   */
  Channel connect(Target target, Supplier<ChannelHandler[]> handlers) throws InterruptedException {
    try {
      return dial(target, handlers, Duration.ofMillis(CONNECT_MILLIS));
    } catch (IOException e) {
      throw new ApiException(
          StatusReason.INTERNAL_ERROR, "error dialing backend: " + e.getMessage());
    }
  }

  /**
   * Connects likewise.
   *
   * @param limit how long the connection, and then the handshake, may take
   * @throws IOException with a message in the words that upstream's network library has for it
   */
  Channel dial(Target target, Supplier<ChannelHandler[]> handlers, Duration limit)
      throws IOException, InterruptedException {
    int millis = (int) Math.max(1, Math.min(limit.toMillis(), CONNECT_MILLIS));
    ChannelFuture connected =
        new Bootstrap()
            .group(loops)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    if (target.tls()) {
                      channel.pipeline().addLast(tls(target, channel));
                    }
                    channel.pipeline().addLast(handlers.get());
                  }
                })
            .connect(address(target))
            .await();
    if (!connected.isSuccess()) {
      throw failure(target, connected.cause());
    }
    Channel channel = connected.channel();
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      var handshake = tls.handshakeFuture().await();
      if (!handshake.isSuccess()) {
        channel.close().await();
        throw failure(target, handshake.cause());
      }
    }
    return channel;
  }

  /** Looked up here, on the caller's thread: an event loop must not wait for a name server. */
  private static InetSocketAddress address(Target target) throws IOException {
    try {
      return new InetSocketAddress(InetAddress.getByName(target.host()), target.port());
    } catch (UnknownHostException e) {
      throw new IOException("dial tcp: lookup " + target.host() + ": no such host", e);
    }
  }

  private SslHandler tls(Target target, SocketChannel channel) {
    SslContext context =
        switch (target.peer()) {
          case Peer.Kubelet _ -> kubelets;
          case Peer.Anyone _ -> anyone;
          case Peer.Named named -> named.context();
        };
    String name = target.peer() instanceof Peer.Named named ? named.name() : target.host();
    SslHandler handler = context.newHandler(channel.alloc(), name, target.port());
    handler.setHandshakeTimeoutMillis(HANDSHAKE_MILLIS);
    boolean verified =
        switch (target.peer()) {
          case Peer.Kubelet _ -> verifiesKubelets;
          case Peer.Anyone _ -> false;
          case Peer.Named named -> named.verified();
        };
    if (verified) {
      var parameters = handler.engine().getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      handler.engine().setSSLParameters(parameters);
    }
    return handler;
  }

  private static IOException failure(Target target, Throwable cause) {
    String place = "dial tcp " + target.host() + ":" + target.port() + ": ";
    String message = String.valueOf(cause.getMessage());
    return switch (cause) {
      case ConnectTimeoutException _ -> new IOException(place + "i/o timeout", cause);
      case ConnectException _ when message.startsWith("Connection refused") ->
          new IOException(place + "connect: connection refused", cause);
      case SSLException _ -> new IOException("tls: " + message, cause);
      default -> new IOException(place + message, cause);
    };
  }
}
