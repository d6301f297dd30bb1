package dev.coxswain.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An answer's head, its first bytes, and news of the client, whatever else the event loop does. */
final class ResponseStreamTest {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
  private final ConcurrentLinkedQueue<String> written = new ConcurrentLinkedQueue<>();
  private final StreamGate gate = new StreamGate(null);

  @AfterEach
  void stop() throws InterruptedException {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  @Test
  void whatIsWrittenInTurnDoesNotOvertakeTheHead() throws InterruptedException {
    EventLoop loop = group.next();
    Turns turns = new Turns(loop);
    Exchange exchange = exchange(loop, turns);
    CountDownLatch busy = new CountDownLatch(1);
    loop.execute(() -> {
      try {
        busy.await();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
    });
    // Another stream's turn comes before what follows.
    turns.add(() -> {});
    ResponseStream stream = exchange.open(200, "text/plain", Map.of());
    stream.executeInTurn(() -> stream.write("event".getBytes(StandardCharsets.UTF_8)));
    busy.countDown();
    loop.submit(() -> {}).sync();
    assertThat(written).containsExactly("head", "body");
  }

  /** As where a backend's answer is read by the client's own event loop, in one go. */
  @Test
  void thatTheClientTakesMoreIsHeardInTheTurnThatBeginsTheAnswer() throws InterruptedException {
    EventLoop loop = group.next();
    Exchange exchange = exchange(loop, new Turns(loop));
    loop.submit(
            () -> {
              ResponseStream stream = exchange.open(200, "text/plain", Map.of());
              stream.onWritable(() -> written.add("more"));
              gate.writable(false);
              gate.writable(true);
            })
        .sync();
    loop.submit(() -> {}).sync();
    assertThat(written).containsExactly("head", "more");
  }

  private Exchange exchange(EventLoop loop, Turns turns) throws InterruptedException {
    LocalChannel channel = new LocalChannel();
    channel.pipeline().addLast(new Recorder());
    loop.register(channel).sync();
    HttpRequest request =
        new HttpRequest(
            "GET",
            "/",
            new DefaultHttpHeaders(),
            new byte[0],
            new HttpRequest.Connection("local:0", "HTTP/1.1", PeerIdentity.NONE));
    return new Exchange(channel, request, gate, turns, Map.of());
  }

  private final class Recorder extends ChannelOutboundHandlerAdapter {
    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      written.add(message instanceof HttpResponse ? "head" : "body");
      ReferenceCountUtil.release(message);
      promise.setSuccess();
    }
  }
}
