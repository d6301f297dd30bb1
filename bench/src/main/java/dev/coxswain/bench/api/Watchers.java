package dev.coxswain.bench.api;

import dev.coxswain.bench.Latencies;
import dev.coxswain.runtime.time.Time;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;
import javax.net.ssl.SSLEngine;

/**
 * Watches, each on a connection of its own; measures how old events are when they have been
 * decrypted. Two threads read all of them: with one for each, waking those costs the machine that
 * they share with the server as much as the server's work does. What they read late counts as age.
 */
final class Watchers implements AutoCloseable {
  private static final int LOOPS = 2;
  private static final int PATIENCE_SECONDS = 60;
  private static final byte[] ACCEPTED = "HTTP/1.1 200".getBytes(StandardCharsets.US_ASCII);

  private final List<Watcher> watchers = new ArrayList<>();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          LOOPS, new DefaultThreadFactory("watchers", true), NioIoHandler.newFactory());
  private final Time time;

  /** How many events came, and their ages in milliseconds. */
  record Result(long events, double median, double ninetyNinth) {}

  Watchers(Connection.Target target, String path, int count, Time time)
      throws IOException, InterruptedException {
    this.time = time;
    for (int i = 0; i < count; i++) {
      watchers.add(open(target, path));
    }
  }

  /** Opens a watch and waits for the head of its answer. */
  private Watcher open(Connection.Target target, String path)
      throws IOException, InterruptedException {
    Watcher watcher = new Watcher();
    Channel channel =
        new Bootstrap()
            .group(loops)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel made) {
                    SSLEngine engine = target.tls().createSSLEngine();
                    engine.setUseClientMode(true);
                    made.pipeline().addLast(new SslHandler(engine), watcher);
                  }
                })
            .connect(target.server().getHost(), target.server().getPort())
            .sync()
            .channel();
    String request = "GET " + path + " HTTP/1.1\r\nhost: bench\r\naccept: application/json\r\n\r\n";
    channel.writeAndFlush(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII)).sync();
    try {
      watcher.begun.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException(path + " was not answered as a watch", e);
    }
    return watcher;
  }

  /** What came since the last time. */
  Result take() {
    long[] sorted = watchers.stream().flatMapToLong(Watcher::take).sorted().toArray();
    return new Result(
        sorted.length, Latencies.percentile(sorted, 0.5), Latencies.percentile(sorted, 0.99));
  }

  /** Reads one answer; where its chunks begin and end does not matter to it. */
  private final class Watcher extends SimpleChannelInboundHandler<ByteBuf> {
    private final CompletableFuture<Void> begun = new CompletableFuture<>();
    private final StampFinder finder = new StampFinder();
    private long[] ages = new long[256];
    private int count;

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) throws IOException {
      long now = time.nanos();
      if (!begun.isDone()) {
        byte[] head = new byte[Math.min(ACCEPTED.length, bytes.readableBytes())];
        bytes.getBytes(bytes.readerIndex(), head);
        if (!Arrays.equals(head, ACCEPTED)) {
          throw new IOException(bytes.toString(StandardCharsets.UTF_8));
        }
        begun.complete(null);
      }
      finder.read(bytes, stamp -> add(now - stamp));
    }

    private synchronized void add(long age) {
      if (count == ages.length) {
        ages = Arrays.copyOf(ages, count * 2);
      }
      ages[count++] = age;
    }

    synchronized LongStream take() {
      long[] taken = Arrays.copyOf(ages, count);
      count = 0;
      return Arrays.stream(taken);
    }

    // A watch that ends before its time shows in the number of events.
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      begun.completeExceptionally(cause);
      var _ = context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      begun.completeExceptionally(new IOException("the server closed the connection"));
    }
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
