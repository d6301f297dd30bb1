package dev.coxswain.store.etcd;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Services behind interceptors, at a port of the loopback, and a client's channel to them. */
final class LocalServer implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  private final Server server;
  private final ManagedChannel channel;

  LocalServer(List<ServerInterceptor> before, BindableService... services) throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    for (BindableService service : services) {
      builder.addService(ServerInterceptors.intercept(service, before));
    }
    server = builder.build().start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
  }

  ManagedChannel channel() {
    return channel;
  }

  /** What comes next out of a queue that somebody else fills; null if nothing does. */
  static <T> @Nullable T next(BlockingQueue<T> queue) throws InterruptedException {
    return queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
  }
}
