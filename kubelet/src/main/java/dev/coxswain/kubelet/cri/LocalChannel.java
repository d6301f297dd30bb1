package dev.coxswain.kubelet.cri;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A gRPC channel to a Unix domain socket by the JDK's own sockets, so that no native library is
 * needed. It connects when it is first used, and again by itself when the server comes back.
 */
@SuppressWarnings("FutureReturnValueIgnored")
public final class LocalChannel implements AutoCloseable {
  /** A list of every container of a full node, with room to spare; upstream's limit. */
  private static final int MESSAGE_BYTES = 16 * 1024 * 1024;

  private static final long CLOSE_SECONDS = 5;

  private final MultiThreadIoEventLoopGroup loop;
  private final ManagedChannel channel;

  /**
   * A channel to an endpoint.
   *
   * @param endpoint {@code unix:///path} or a plain path
   * @throws IllegalArgumentException for any other scheme
   */
  public LocalChannel(String endpoint) {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path(endpoint));
    loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    channel =
        NettyChannelBuilder.forAddress(address)
            .eventLoopGroup(loop)
            .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            // Netty warns of this option, which gRPC sets on every socket, on one that lacks it.
            .withOption(ChannelOption.SO_KEEPALIVE, null)
            .overrideAuthority("localhost")
            .maxInboundMessageSize(MESSAGE_BYTES)
            .usePlaintext()
            .build();
  }

  /** The gRPC channel. */
  public ManagedChannel grpc() {
    return channel;
  }

  static String path(String endpoint) {
    if (endpoint.startsWith("unix://")) {
      return endpoint.substring("unix://".length());
    }
    if (endpoint.startsWith("/")) {
      return endpoint;
    }
    throw new IllegalArgumentException(
        endpoint + " is not the endpoint of a local server, unix:///path/to/socket");
  }

  @Override
  public void close() {
    channel.shutdownNow();
    loop.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
  }
}
